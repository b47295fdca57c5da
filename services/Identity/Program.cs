Identity.IdentityService.Build(args).Run();
