using System.CommandLine;
using Tpo.GpuJob.Export;
using Tpo.GpuJob.Synthetic;

var job = new RootCommand("The job: what needs the model's weights or makes the world that the small model learns.")
{
    SynthCommand.Create(),
    ExportCommand.Create(),
};
try
{
    return await job.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception e) when (e is InvalidDataException or FileNotFoundException or ArgumentException)
{
    // These say in a sentence what is wrong and what to do; a stack would only hide it.
    Console.Error.WriteLine(e.Message);
    return 1;
}
