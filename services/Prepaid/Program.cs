Prepaid.PrepaidService.Build(args).Run();
