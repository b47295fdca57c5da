Evidence.EvidenceService.Build(args).Run();
