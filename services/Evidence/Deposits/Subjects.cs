using System.Security.Cryptography;
using System.Text;
using EventStore;
using EventStore.Personal;
using Microsoft.Extensions.Options;
using ServiceDefaults;

namespace Evidence.Deposits;

/// <summary>The person that evidence concerns: sealed in the event, opened for the organisation that deposited it.</summary>
internal sealed class Subjects(Store store, IOptions<ServiceOptions> service)
{
    private const string NameField = "subject.name";
    private const string IdHashField = "subject.idHash";
    private readonly Lazy<byte[]> _secret =
        new(() => SecretFile.ReadOrCreate(Path.Combine(service.Value.Data, "pseudonyms.key")));

    /// <summary>
    /// The pseudonym that a person's key is kept under: one for each organisation and identity document, so that erasing
    /// reaches all of the organisation's deposits about the person; a name alone is one deposit's person. It is keyed, or
    /// else it could be tried for every identity number there is.
    /// </summary>
    private string Person(string tenant, SubjectRequest subject, Guid eventId) => subject.IdHash is null
        ? $"subject:{eventId:N}"
        : "subject:" + Convert.ToHexStringLower(HMACSHA256.HashData(
            _secret.Value, Encoding.UTF8.GetBytes($"{tenant}\n{subject.IdType}\n{subject.IdHash}")).AsSpan(0, 16));

    public async Task<SealedSubject> SealAsync(
        Session session, Guid eventId, SubjectRequest subject, CancellationToken cancellationToken)
    {
        string person = Person(session.Context.Tenant, subject, eventId);
        using PersonKey key = await store.Persons.GetOrCreateAsync(person, cancellationToken);
        session.Concerns(person);
        return new SealedSubject(
            person,
            key.Seal(eventId, NameField, subject.Name!),
            subject.IdType,
            subject.IdHash is { } hash ? key.Seal(eventId, IdHashField, hash) : null);
    }

    /// <summary>Erases a person: the key, and with it everything that was sealed under it.</summary>
    public Task EraseAsync(SealedSubject subject, CancellationToken cancellationToken) =>
        store.Persons.EraseAsync(subject.Person, cancellationToken);

    /// <summary>The clear values, or null once the person was erased.</summary>
    public async Task<SubjectRequest?> OpenAsync(
        Guid eventId, SealedSubject subject, CancellationToken cancellationToken)
    {
        using PersonKey? key = await store.Persons.FindAsync(subject.Person, cancellationToken);
        return key is null ? null : new SubjectRequest(
            key.Open(eventId, NameField, subject.Name).Value,
            subject.IdType,
            subject.IdHash is { } hash ? key.Open(eventId, IdHashField, hash).Value : null);
    }
}
