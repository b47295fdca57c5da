using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace ServiceDefaults.Paper;

/// <summary>
/// The key by which a service seals the documents that it prints: P-256 with a certificate that it issued to itself,
/// made at first use. It tells that the service made a document, which is not yet a reliable electronic signature
/// (Electronic Signature Law art. 13).
/// </summary>
public sealed class DocumentSeal : IDisposable
{
    private const int ValidYears = 10;
    private readonly X509Certificate2 _certificate;

    private DocumentSeal(X509Certificate2 certificate) => _certificate = certificate;

    /// <summary>The certificate in DER.</summary>
    public byte[] Certificate => _certificate.RawData;

    /// <summary>SHA-256 of the certificate, 64 lower-case hexadecimal digits: printed on each document.</summary>
    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(_certificate.RawData));

    /// <summary>Reads the seal of a service, or makes it.</summary>
    /// <param name="path">File that only the service's account reads.</param>
    /// <param name="name">Whom the certificate names.</param>
    /// <param name="now">Valid from then, for ten years.</param>
    public static DocumentSeal Open(string path, string name, DateTimeOffset now) => new(
        X509CertificateLoader.LoadPkcs12(SecretFile.ReadOrCreate(path, () => Make(name, now)), null));

    /// <summary>A detached CMS signature (RFC 5652) in DER over bytes, with the time that it states.</summary>
    public byte[] Sign(byte[] content, DateTimeOffset at)
    {
        SignedCms cms = new(new ContentInfo(content), detached: true);
        CmsSigner signer = new(SubjectIdentifierType.IssuerAndSerialNumber, _certificate)
        {
            DigestAlgorithm = new Oid("2.16.840.1.101.3.4.2.1"), // SHA-256
            IncludeOption = X509IncludeOption.EndCertOnly,
        };
        signer.SignedAttributes.Add(new Pkcs9SigningTime(at.UtcDateTime));
        cms.ComputeSignature(signer);
        return cms.Encode();
    }

    /// <inheritdoc/>
    public void Dispose() => _certificate.Dispose();

    private static byte[] Make(string name, DateTimeOffset now)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new(new X500DistinguishedName($"CN={name}"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation, true));
        using X509Certificate2 made = request.CreateSelfSigned(now, now.AddYears(ValidYears));
        return made.Export(X509ContentType.Pkcs12);
    }
}
