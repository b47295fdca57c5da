using Xunit;

// Each class runs a whole instance, which fills the machine that CI has.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
