using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.Routing.Template;
using ServiceDefaults.Problems;

namespace ServiceDefaults.Http;

/// <summary>
/// Answers what no endpoint takes: 405 with <c>Allow</c> where the address takes other methods (RFC 9110 §15.5.6), else
/// 404. The fallback takes every method, so that routing by itself would never answer 405.
/// </summary>
internal sealed class OtherMethods(EndpointDataSource endpoints, ParameterPolicyFactory policies)
{
    private IReadOnlyList<Route>? _routes;

    /// <summary>The problem of a request that nothing took.</summary>
    public Problem Answer(HttpContext http)
    {
        string[] allowed =
        [
            .. Routes.Where(route => IsAt(route, http)).SelectMany(route => route.Methods)
                .Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal),
        ];
        if (allowed.Length == 0)
            return Problem.Of("not-found");
        string allow = string.Join(", ", allowed);
        http.Response.Headers.Allow = allow;
        return Problem.Of("method-not-allowed", ("method", http.Request.Method), ("allow", allow));
    }

    private IReadOnlyList<Route> Routes => _routes ??=
    [
        .. endpoints.Endpoints.OfType<RouteEndpoint>()
            .Select(e => (e.RoutePattern, e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods))
            .Where(e => e.HttpMethods is { Count: > 0 })
            .Select(e => new Route(e.RoutePattern, new TemplateMatcher(new RouteTemplate(e.RoutePattern), []), e.HttpMethods!)),
    ];

    private bool IsAt(Route route, HttpContext http)
    {
        RouteValueDictionary values = [];
        return route.Matcher.TryMatch(http.Request.Path, values) && route.Pattern.Parameters.All(parameter =>
            !values.ContainsKey(parameter.Name) || parameter.ParameterPolicies.All(policy =>
                policies.Create(parameter, policy) is not IRouteConstraint constraint
                || constraint.Match(http, null, parameter.Name, values, RouteDirection.IncomingRequest)));
    }

    private sealed record Route(RoutePattern Pattern, TemplateMatcher Matcher, IReadOnlyList<string> Methods);
}
