Receivables.ReceivablesService.Build(args).Run();
