using Tpo.GpuJob.Model;
using Tpo.Shared.Models;
using Tpo.Tests.Unit.Serving;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Model;

/// <summary>What a model's folder may hold, and what is refused in which words.</summary>
public sealed class WeightFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void An_index_joins_the_shards_it_names()
    {
        Shard("model-1.safetensors", "a", "b");
        Shard("model-2.safetensors", "c");
        Index("""{"metadata":{"total_size":12},"weight_map":{"a":"model-1.safetensors","b":"model-1.safetensors","c":"model-2.safetensors"}}""");
        Assert.Equal(["model-1.safetensors", "model-2.safetensors"], WeightFiles.List(_folder.Path));
        var tensors = WeightFiles.Tensors(_folder.Path);
        Assert.Equal(["a", "b", "c"], tensors.Keys.Order());
        Assert.Equal("model-2.safetensors", tensors["c"].File);
    }

    [Fact]
    public void A_shard_that_is_missing_is_named()
    {
        Shard("model-1.safetensors", "a");
        Index("""{"weight_map":{"a":"model-1.safetensors","b":"model-2.safetensors"}}""");
        string message = Assert.Throws<FileNotFoundException>(() => WeightFiles.Tensors(_folder.Path)).Message;
        Assert.Contains("model.safetensors.index.json' names 'model-2.safetensors', which does not exist", message);
    }

    [Fact]
    public void A_tensor_that_is_not_in_the_shard_the_index_names_is_refused()
    {
        Shard("model-1.safetensors", "a");
        Shard("model-2.safetensors", "b");
        Index("""{"weight_map":{"a":"model-1.safetensors","b":"model-1.safetensors","x":"model-2.safetensors"}}""");
        Refused("says that tensor 'b' is in 'model-1.safetensors', but it is in 'model-2.safetensors'");
        Index("""{"weight_map":{"a":"model-1.safetensors","b":"model-2.safetensors","x":"model-2.safetensors"}}""");
        Refused("says that tensor 'x' is in 'model-2.safetensors', but it is in none of the files");
    }

    [Fact]
    public void A_tensor_in_two_shards_is_refused()
    {
        Shard("model-1.safetensors", "a", "b");
        Shard("model-2.safetensors", "b");
        Index("""{"weight_map":{"a":"model-1.safetensors","b":"model-2.safetensors"}}""");
        Refused("Tensor 'b' is in two files");
    }

    [Theory]
    [InlineData("../model.safetensors")]
    [InlineData("/etc/model.safetensors")]
    [InlineData("sub/model.safetensors")]
    [InlineData("..\\\\model.safetensors")]
    [InlineData("config.json")]
    [InlineData("")]
    public void A_path_that_leaves_the_folder_or_is_no_safetensors_file_is_refused(string file)
    {
        Shard("model.safetensors", "a");
        Index($$$"""{"weight_map":{"a":"{{{file}}}"}}""");
        Refused("for tensor 'a'; only .safetensors files of the same folder are read");
    }

    [Theory]
    [InlineData("no json", "is not JSON")]
    [InlineData("[]", "has no \"weight_map\"")]
    [InlineData("{}", "has no \"weight_map\"")]
    [InlineData("""{"weight_map":["a"]}""", "has no \"weight_map\"")]
    [InlineData("""{"weight_map":{}}""", "has an empty \"weight_map\"")]
    [InlineData("""{"weight_map":{"a":7}}""", "names '7' for tensor 'a'; only .safetensors")]
    [InlineData("""{"weight_map":{"a":"model.safetensors","a":"model.safetensors"}}""", "names tensor 'a' twice")]
    public void An_index_that_is_none_is_refused(string index, string reason)
    {
        Shard("model.safetensors", "a");
        Index(index);
        Refused(reason);
    }

    [Theory]
    [InlineData("pytorch_model.bin")]
    [InlineData("pytorch_model-00001-of-00002.bin")]
    [InlineData("consolidated.00.pth")]
    [InlineData("model.pt")]
    public void A_folder_with_nothing_but_pickles_is_told_how_to_convert_them(string file)
    {
        File.WriteAllBytes(Path.Combine(_folder.Path, file), [1]);
        Refused($"has no 'model.safetensors', only {file}. A pickle runs code when it is read, so it never is here. Convert it once");
        Refused("save_file");
    }

    [Fact]
    public void A_pickle_in_an_index_is_told_too()
    {
        Index("""{"weight_map":{"a":"pytorch_model.bin"}}""");
        Refused("names 'pytorch_model.bin' for tensor 'a'. A pickle runs code");
    }

    [Fact]
    public void A_pickle_beside_safetensors_is_left_alone()
    {
        Shard("model.safetensors", "a");
        File.WriteAllBytes(Path.Combine(_folder.Path, "pytorch_model.bin"), [1]);
        Assert.Equal(["model.safetensors"], WeightFiles.List(_folder.Path));
    }

    [Fact]
    public void A_folder_without_weights_says_which_file_it_lacks() =>
        Assert.Contains("model.safetensors' does not exist", Assert.Throws<FileNotFoundException>(() => WeightFiles.List(_folder.Path)).Message);

    private void Refused(string reason)
    {
        string message = Assert.Throws<InvalidDataException>(() => WeightFiles.Tensors(_folder.Path)).Message;
        Assert.Contains(_folder.Path, message);
        Assert.Contains(reason, message);
    }

    private void Shard(string file, params string[] names)
    {
        using var scope = NewDisposeScope();
        TensorFile.Write(Path.Combine(_folder.Path, file), names.ToDictionary(name => name, _ => zeros(1)));
    }

    private void Index(string json) => File.WriteAllText(Path.Combine(_folder.Path, WeightFiles.Index), json);

    public void Dispose() => _folder.Dispose();
}
