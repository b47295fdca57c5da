Traceability.TraceabilityService.Build(args).Run();
