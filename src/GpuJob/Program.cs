using System.CommandLine;
using Tpo.GpuJob.Bench;
using Tpo.GpuJob.Experiment;
using Tpo.GpuJob.Export;
using Tpo.GpuJob.Memory;
using Tpo.GpuJob.Sft;
using Tpo.GpuJob.Synthetic;
using Tpo.GpuJob.Training;
using Tpo.GpuJob.Verify;

// The table of contents: each verb comes from the folder of its name.
var job = new RootCommand("The job: what needs the model's weights or makes the world that the small model learns.")
{
    TrainCommand.Create(),
    SynthCommand.Create(),
    SftCommand.Create(),
    ExportCommand.Create(),
    MemoryCommand.Create(),
    BenchStepCommand.Create(),
    BenchDpoCommand.Create(),
    BenchModelCommand.Create(),
    BenchAnswerCommand.Create(),
    VerifyCommand.Create(),
    ExperimentCommand.Create(),
};
try
{
    return await job.Parse(args).InvokeAsync(new InvocationConfiguration
    {
        EnableDefaultExceptionHandler = false,
        // A stopped training saves a checkpoint first, and a step of a large model takes a while.
        ProcessTerminationTimeout = TimeSpan.FromMinutes(5),
    });
}
catch (Exception e) when (e is InvalidDataException or FileNotFoundException or ArgumentException or InsufficientMemoryException)
{
    // These say in a sentence what is wrong and what to do; a stack would only hide it.
    Console.Error.WriteLine(e.Message);
    return 1;
}
