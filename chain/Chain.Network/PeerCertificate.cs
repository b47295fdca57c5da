using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Chain.Network;

/// <summary>A node's TLS identity: a self-signed ECDSA P-256 certificate, known to its peers by its SHA-256.</summary>
public static class PeerCertificate
{
    /// <summary>Creates a certificate with a new key, valid for 30 years: pins, not dates, end its trust.</summary>
    public static X509Certificate2 Create(string node, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={node}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(
            [new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        return request.CreateSelfSigned(now.AddDays(-1), now.AddYears(30));
    }

    /// <summary>Lower-case hex of SHA-256 over the DER certificate.</summary>
    public static string Fingerprint(X509Certificate certificate) =>
        Convert.ToHexStringLower(SHA256.HashData(certificate.GetRawCertData()));
}
