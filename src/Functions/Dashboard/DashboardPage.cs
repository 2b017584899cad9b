using System.ComponentModel;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Tpo.Functions.Dashboard;

/// <summary>`/api/dashboard`: one self-contained page; its numbers come from the same API that everybody uses.</summary>
public sealed class DashboardPage
{
    private static readonly Lazy<string> Html = new(() =>
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("dashboard.html")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    });

    [Function("Dashboard")]
    [Description("The dashboard, one self-contained page.")]
    public IActionResult Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "dashboard")] HttpRequest http) =>
        new ContentResult { Content = Html.Value, ContentType = "text/html; charset=utf-8" };
}
