using System.Text.Json.Serialization;
using Identity.Clients;
using Identity.Organisations;
using Identity.Users;

namespace Identity;

/// <summary>Requests and answers of the management interface.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OrganisationAnswer))]
[JsonSerializable(typeof(OrganisationList))]
[JsonSerializable(typeof(UserAnswer))]
[JsonSerializable(typeof(UserList))]
[JsonSerializable(typeof(ClientAnswer))]
[JsonSerializable(typeof(ClientList))]
[JsonSerializable(typeof(SecretAnswer))]
[JsonSerializable(typeof(OrganisationRequest))]
[JsonSerializable(typeof(UserRequest))]
[JsonSerializable(typeof(RolesRequest))]
[JsonSerializable(typeof(PasswordRequest))]
[JsonSerializable(typeof(OwnPasswordRequest))]
[JsonSerializable(typeof(ClientRequest))]
[JsonSerializable(typeof(ReasonRequest))]
internal sealed partial class ApiJson : JsonSerializerContext;
