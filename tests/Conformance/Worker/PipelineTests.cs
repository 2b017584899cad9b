using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Tpo.Tests.Conformance.Worker;

[Collection(FunctionAppCollection.Name)]
public sealed class PipelineTests(AzuriteFixture azurite)
{
    [Fact, Promise("2.3.1", "2.3.2", "2.3.3")]
    public async Task Scoped_services_live_for_one_call_and_are_shared_within_it()
    {
        await using var app = await TestApp.StartAsync(azurite.NewAccount(), [typeof(Scoped)], app => app.Services.AddScoped<Ticket>());
        var first = await app.Http.GetStringAsync("/api/Tickets");
        var second = await app.Http.GetStringAsync("/api/Tickets");
        Assert.NotEqual(first, second);
        foreach (var tickets in new[] { first, second })
            Assert.Single(tickets.Split(' ').Distinct());
        Assert.Equal(2, app.Seen.Notes.Count(note => note == "ticket disposed"));
    }

    [Fact, Promise("2.2.1")]
    public async Task Middleware_runs_in_the_order_added_around_the_function_and_only_where_its_condition_holds()
    {
        await using var app = await TestApp.StartAsync(azurite.NewAccount(), [typeof(Scoped), typeof(Other)], app =>
        {
            app.Services.AddScoped<Ticket>();
            app.UseMiddleware<Outer>();
            app.UseWhen<Conditional>(context => context.FunctionDefinition.Name == "Other");
            app.UseMiddleware(async (context, next) =>
            {
                context.InstanceServices.GetRequiredService<Seen>().Add("inner before");
                await next();
                context.InstanceServices.GetRequiredService<Seen>().Add("inner after");
            });
        });
        await app.Http.GetStringAsync("/api/Tickets");
        Assert.Equal(["outer before Tickets httpTrigger", "inner before", "inner after", "outer after", "ticket disposed"], app.Seen.Notes);
        Assert.Equal("replaced", await app.Http.GetStringAsync("/api/Other"));
        Assert.Equal(
            ["outer before Other httpTrigger", "conditional", "inner before", "called", "inner after", "outer after"],
            app.Seen.Notes.Skip(5));
    }

    [Fact, Promise("2.2.1")]
    public async Task Middleware_can_answer_in_place_of_the_function()
    {
        await using var app = await TestApp.StartAsync(azurite.NewAccount(), [typeof(Other)], app => app.UseMiddleware((context, next) =>
        {
            context.GetInvocationResult().Value = new UnauthorizedResult();
            return Task.CompletedTask;
        }));
        Assert.Equal(401, (int)(await app.Http.GetAsync("/api/Other")).StatusCode);
        Assert.Empty(app.Seen.Notes);
    }

    internal sealed class Ticket(Seen seen) : IDisposable
    {
        public Guid Id { get; } = Guid.NewGuid();

        public void Dispose() => seen.Add("ticket disposed");
    }

    internal sealed class Outer(Seen seen) : IFunctionsWorkerMiddleware
    {
        public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
        {
            seen.Add($"outer before {context.FunctionDefinition.Name} {context.FunctionDefinition.InputBindings["request"].Type}");
            await next(context);
            seen.Add("outer after");
        }
    }

    internal sealed class Conditional(Seen seen) : IFunctionsWorkerMiddleware
    {
        public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
        {
            seen.Add("conditional");
            await next(context);
            Assert.Equal("original", context.GetInvocationResult<string>().Value);
            context.GetInvocationResult().Value = "replaced";
        }
    }

    private sealed class Scoped(Ticket ticket)
    {
        [Function("Tickets")]
        public string Run([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request, FunctionContext context) =>
            $"{ticket.Id} {context.InstanceServices.GetRequiredService<Ticket>().Id} {request.HttpContext.RequestServices.GetRequiredService<Ticket>().Id}";
    }

    private sealed class Other(Seen seen)
    {
        [Function("Other")]
        public string Run([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request)
        {
            seen.Add("called");
            return "original";
        }
    }
}
