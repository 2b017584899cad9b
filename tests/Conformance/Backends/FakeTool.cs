using System.Diagnostics;

namespace Tpo.Tests.Conformance.Backends;

/// <summary>
/// A program that is spoken to as `podman`, `docker` or `buildah` are: it writes down its arguments and the secret of its environment, knows no
/// image but one, and its containers run until they are stopped, or end with the exit code that a test asks for.
/// </summary>
internal sealed class FakeTool : IDisposable
{
    public const string Image = "registry/tpo-gpujob:1";

    private const string Script = """
        #!/bin/sh
        here=$(dirname "$0")
        echo "$@" >>"$here/calls"
        case "$1" in --storage-driver) shift 2 ;; esac
        verb=$1
        case "$verb" in
          ps) cat "$here/running" 2>/dev/null; exit 0 ;;
          stop) touch "$here/stopped"; exit 0 ;;
          rm) exit 0 ;;
          from) case "$*" in *registry/tpo-gpujob:1*) echo made; exit 0 ;; *) echo "Error: registry/other: image not known" >&2; exit 125 ;; esac ;;
        esac
        case "$*" in *registry/tpo-gpujob:1*|*chroot*) ;; *) echo "Error: registry/other: image not known" >&2; exit 125 ;; esac
        case "$*" in *chroot*) IFS= read -r AzureWebJobsStorage; IFS= read -r Tpo__FeatureCacheMegabytes ;; esac # as the shell in buildah's container reads it
        echo "$AzureWebJobsStorage" >"$here/secret"
        echo "$Tpo__FeatureCacheMegabytes" >"$here/cache"
        echo "step 0: loss 0.69"
        for name; do case "$name" in tpo-*) echo "$name" >"$here/running" ;; esac; done
        while [ ! -f "$here/stopped" ] && [ ! -f "$here/exit" ]; do sleep 0.1; done
        rm -f "$here/running"
        exit "$(cat "$here/exit" 2>/dev/null || echo 143)"
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("tpo-tool-").FullName;

    public FakeTool(string name = "podman")
    {
        Path = System.IO.Path.Combine(_folder, name);
        File.WriteAllText(Path, Script.ReplaceLineEndings("\n"));
        using var chmod = Process.Start("chmod", ["+x", Path]);
        chmod.WaitForExit();
    }

    public string Folder => _folder;
    public string Path { get; }
    public IReadOnlyList<string> Calls => File.Exists(In("calls")) ? File.ReadAllLines(In("calls")) : [];
    public string FeatureCacheMegabytes => File.ReadAllText(In("cache")).Trim();
    public string Secret => File.ReadAllText(In("secret")).Trim();

    /// <summary>All containers end with this exit code.</summary>
    public void End(int code) => File.WriteAllText(In("exit"), $"{code}");

    public static async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        for (var clock = Stopwatch.StartNew(); !await holds(); await Task.Delay(50))
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"After 30 s still not: {what}.");
    }

    private string In(string file) => System.IO.Path.Combine(_folder, file);

    public void Dispose()
    {
        if (!File.Exists(In("exit")))
            End(0); // nothing of it goes on after the test
        Thread.Sleep(300);
        Directory.Delete(_folder, recursive: true);
    }
}
