using System.Reflection;

namespace Tpo.Tests.Conformance;

public sealed class PromiseTests
{
    [Fact]
    public void Every_number_on_a_test_is_a_promise()
    {
        Assert.DoesNotContain(Shown(), id => !Promises.All.ContainsKey(id));
    }

    [Fact]
    public void Every_promise_is_shown_by_a_test() => Assert.Empty(Promises.All.Keys.Except(Shown()));

    private static IEnumerable<string> Shown() => typeof(PromiseTests).Assembly.GetTypes()
        .SelectMany(type => type.GetMethods().Cast<MemberInfo>().Prepend(type))
        .SelectMany(member => member.GetCustomAttributes<PromiseAttribute>())
        .SelectMany(promise => promise.Ids).Distinct();
}
