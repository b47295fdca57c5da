using System.Text.Json.Serialization;
using Evidence.Deposits;
using Evidence.Files;
using Evidence.Open;
using Evidence.Shares;

namespace Evidence;

/// <summary>Requests and answers of this service's interface.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(MethodConverter), typeof(InstantConverter)])]
[JsonSerializable(typeof(DepositRequest))]
[JsonSerializable(typeof(DepositAnswer))]
[JsonSerializable(typeof(DepositBatchAnswer))]
[JsonSerializable(typeof(DepositDetails))]
[JsonSerializable(typeof(DepositPage))]
[JsonSerializable(typeof(CustodyAnswer))]
[JsonSerializable(typeof(SubjectErasedAnswer))]
[JsonSerializable(typeof(ShareAnswer))]
[JsonSerializable(typeof(OpenAnswer))]
internal sealed partial class ApiJson : JsonSerializerContext;

/// <summary>
/// How requests are read. The strict rules come from the service's own options; this only adds fast metadata.
/// </summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DepositRequest))]
[JsonSerializable(typeof(DepositBatchRequest))]
[JsonSerializable(typeof(CustodyRequest))]
[JsonSerializable(typeof(ShareRequest))]
[JsonSerializable(typeof(EraseFileRequest))]
internal sealed partial class RequestJson : JsonSerializerContext;
