using System.Reflection;
using Tpo.Functions.Curation;
using Tpo.Shared;

namespace Tpo.Tests.Conformance.Determinism;

/// <summary>The app's orchestrators are held to the determinism rules in their compiled code; planted breaches show that it looks.</summary>
public sealed class DeterminismTests
{
    private static readonly OrchestratorCheck planted = new(typeof(DeterminismTests).Assembly);

    public static TheoryData<string> Planted => [.. PlantedMethods.Keys];

    private static Dictionary<string, MethodInfo> PlantedMethods => planted.Orchestrators
        .Where(method => method.IsDefined(typeof(BreaksAttribute))).ToDictionary(method => $"{method.DeclaringType!.Name}.{method.Name}");

    [Fact, Promise("3.1.4")]
    public void The_apps_orchestrators_keep_the_rules()
    {
        var app = new OrchestratorCheck(typeof(CurateVideo).Assembly, typeof(TpoJson).Assembly);
        Assert.Contains(app.Orchestrators, method => method.DeclaringType == typeof(CurateVideo));
        Assert.True(app.Violations.Count == 0, string.Join('\n', app.Violations));
    }

    [Fact]
    public void The_load_tests_orchestrators_keep_the_rules()
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var load = new OrchestratorCheck(Assembly.LoadFrom(
            Path.Combine(AzuriteFixture.RepositoryRoot(), "tests/EngineLoad/bin", configuration, "net10.0/Tpo.Tests.EngineLoad.dll")));
        Assert.NotEmpty(load.Orchestrators);
        Assert.True(load.Violations.Count == 0, string.Join('\n', load.Violations));
    }

    [Theory, MemberData(nameof(Planted))]
    public void A_planted_breach_is_caught_wherever_it_hides(string name)
    {
        var method = PlantedMethods[name];
        var expected = method.GetCustomAttribute<BreaksAttribute>()!;
        var found = planted.Of(method);

        Assert.All(found, violation => Assert.Equal(expected.Rule, violation.Rule.Id));
        var breach = Assert.Single(found, violation => violation.Use == expected.Use);
        Assert.StartsWith($"{expected.Rule}: orchestrator '{method.Name}' uses {expected.Use}, but", breach.ToString());
        Assert.Contains($"Instead: {breach.Rule.Instead}. Where: {name}", breach.ToString());
    }

    [Fact]
    public void Each_rule_has_a_planted_breach()
    {
        var rules = typeof(Rule).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => ((Rule)field.GetValue(null)!).Id);
        Assert.Equal(rules.Order(), PlantedMethods.Values.Select(method => method.GetCustomAttribute<BreaksAttribute>()!.Rule).Distinct().Order());
    }

    [Fact]
    public void The_message_shows_the_way_to_the_breach()
    {
        Assert.Equal("PlantedByPlace.InAnAsyncHelper → Places.HelperAsync", PathOf(nameof(PlantedByPlace.InAnAsyncHelper)));
        Assert.Equal("PlantedByPlace.InALambda → a lambda in PlantedByPlace.InALambda", PathOf(nameof(PlantedByPlace.InALambda)));
        Assert.Equal("PlantedByPlace.InALocalFunction → the local function AskAsync of PlantedByPlace.InALocalFunction",
            PathOf(nameof(PlantedByPlace.InALocalFunction)));
        Assert.Equal("PlantedByPlace.InAProperty → Places.Property", PathOf(nameof(PlantedByPlace.InAProperty)));
        Assert.Equal("PlantedByPlace.InAStaticConstructor → the static constructor of Begun", PathOf(nameof(PlantedByPlace.InAStaticConstructor)));

        static string PathOf(string name) => Assert.Single(planted.Of(PlantedMethods[$"PlantedByPlace.{name}"])).Path;
    }

    [Fact]
    public void What_the_compiler_adds_to_a_sound_orchestrator_is_no_breach()
    {
        var sound = Assert.Single(planted.Orchestrators, method => method.DeclaringType == typeof(SoundOrchestrators));
        Assert.Empty(planted.Of(sound));
    }
}
