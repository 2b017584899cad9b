using System.Reflection;

namespace Tpo.Tests.Conformance;

public sealed class PromiseTests
{
    [Fact]
    public void Every_number_on_a_test_is_a_promise()
    {
        Assert.DoesNotContain(Shown(), id => !Promises.All.ContainsKey(id));
    }

    private static IEnumerable<string> Shown() => typeof(PromiseTests).Assembly.GetTypes()
        .SelectMany(type => type.GetMethods().Cast<MemberInfo>().Prepend(type))
        .SelectMany(member => member.GetCustomAttributes<PromiseAttribute>())
        .SelectMany(promise => promise.Ids).Distinct();
}
