using System.Text.Json.Nodes;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Models;
using Tpo.Shared.Reporting;

namespace Tpo.Tests.Unit.Benchmarks;

public sealed class PublishedFiguresTests
{
    [Fact]
    public void Every_figure_says_whose_it_is_by_which_protocol_and_from_where()
    {
        Assert.All(PublishedFigures.All, figure =>
        {
            Assert.InRange(figure.Value, 1, 100);
            Assert.Contains(figure.Family, new[] { ModelFamily.LongVa, ModelFamily.LlavaVideo });
            Assert.All(new[] { figure.Model, figure.Part, figure.Protocol, figure.Source, figure.Trust }, text => Assert.NotEmpty(text));
        });
        Assert.Equal(PublishedFigures.All.Count, PublishedFigures.All.DistinctBy(f => (f.Model, f.Benchmark, f.Part, f.Source)).Count());
    }

    /// <summary>The gains that the paper's abstract is about, from its own table: 2.9, 2.9 and 2.5 points for LongVA.</summary>
    [Theory]
    [InlineData("LongVideoBench", "validation", 51.3, 54.2)]
    [InlineData("MLVU", "dev, M-avg", 58.8, 61.7)]
    [InlineData("Video-MME", "overall, without subtitles", 52.6, 55.1)]
    public void LongVA_and_its_TPO_version_stand_as_the_paper_prints_them(string benchmark, string part, double before, double after) =>
        Assert.Equal([before, after], PublishedFigures.All
            .Where(f => f.Family == ModelFamily.LongVa && f.Benchmark == benchmark && f.Part == part && f.Source.Contains("2501.13919")).Select(f => f.Value));

    /// <summary>Video-MME has as many questions in each length: the overall figure is the mean of the three.</summary>
    [Fact]
    public void The_printed_overalls_are_the_means_of_their_parts()
    {
        var checkedRows = 0;
        foreach (var overall in PublishedFigures.All.Where(f => f.Part.StartsWith("overall", StringComparison.Ordinal)))
        {
            var parts = PublishedFigures.All.Where(f => f.Model == overall.Model && f.Source == overall.Source && f.Part == f.Part.Split(',')[0] + overall.Part["overall".Length..] && f.Part != overall.Part).ToList();
            if (parts.Count == 0)
                continue;
            Assert.Equal(3, parts.Count);
            Assert.Equal(overall.Value, parts.Average(f => f.Value), 0.051);
            checkedRows++;
        }
        Assert.Equal(6, checkedRows);
    }

    [Theory]
    [InlineData("openai/clip-vit-large-patch14-336", 3584, 28, "LongVA")]
    [InlineData("google/siglip-so400m-patch14-384", 3584, 28, "LLaVA-Video")]
    [InlineData("google/siglip-so400m-patch14-384", 192, 4, null)]
    [InlineData("somebody/else", 3584, 28, null)]
    public void The_family_is_read_from_the_config(string tower, int hidden, int layers, string? family) => Assert.Equal(family, ModelFamily.Of(
        new JsonObject { ["hidden_size"] = hidden, ["num_hidden_layers"] = layers, ["mm_vision_tower"] = tower }, "llava-video-small", null));

    [Fact]
    public void Without_a_config_the_names_on_the_card_say_it()
    {
        Assert.Equal(ModelFamily.LongVa, ModelFamily.Of(null, "mine", new ModelCard { ModelId = "mine", Revision = "r", BaseModel = "LongVA-7B" }));
        Assert.Equal(ModelFamily.LlavaVideo, ModelFamily.Of(null, "LLaVA-Video-7B-Qwen2", null));
        Assert.Null(ModelFamily.Of(null, "tpo-nano", null));
    }

    [Fact]
    public void Evidence_is_the_mean_of_the_positions_and_absent_where_there_is_none()
    {
        var positions = EvidencePositions.OfLongVideoBench("""[{"id": "a_0", "position": [100, 300]}, {"id": "a_1", "position": []}, {"id": "a_2"}]""");
        Assert.Equal(200, Assert.Single(positions).Value);
    }
}
