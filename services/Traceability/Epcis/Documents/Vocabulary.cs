using System.Collections.Frozen;

namespace Traceability.Epcis.Documents;

/// <summary>A set of standard words, each short for a URI: prefix and word.</summary>
internal sealed class WordSet
{
    private readonly FrozenDictionary<string, string> _uris;
    private readonly FrozenDictionary<string, string> _words;

    /// <param name="name">What the words tell, for people.</param>
    /// <param name="uriPrefix">Before the word in the web vocabulary.</param>
    /// <param name="urnPrefix">Before the word in the URNs of CBV 1.2, where there were some.</param>
    /// <param name="reserved">URIs beginning so are refused in JSON: the bare word is the only way to say it.</param>
    /// <param name="words">The words, parted by blanks.</param>
    public WordSet(string name, string uriPrefix, string? urnPrefix, string[] reserved, string words)
    {
        (Name, UriPrefix, Reserved) = (name, uriPrefix, reserved);
        Words = words.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        _uris = Words.ToFrozenDictionary(word => word, word => uriPrefix + word, StringComparer.Ordinal);
        var forms = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string word in Words)
        {
            forms[uriPrefix + word] = word;
            forms[Namespaces.Compact(uriPrefix) + word] = word;
            if (urnPrefix is not null) forms[urnPrefix + word] = word;
        }

        _words = forms.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public string Name { get; }

    public string UriPrefix { get; }

    public IReadOnlyList<string> Words { get; }

    public string[] Reserved { get; }

    /// <summary>The URI of a bare word.</summary>
    public bool TryGetUri(string word, out string uri) => _uris.TryGetValue(word, out uri!);

    /// <summary>The bare word for a web URI, a CURIE or a URN; other text unchanged.</summary>
    public string ToWord(string text) => _words.GetValueOrDefault(text, text);

    /// <summary>Whether the URI uses a namespace whose members have bare words.</summary>
    public bool IsReserved(string uri)
    {
        foreach (string prefix in Reserved)
        {
            if (uri.StartsWith(prefix, StringComparison.Ordinal)) return true;
        }

        return false;
    }
}

/// <summary>The words of the Core Business Vocabulary 2.0 (§7) and of the GS1 Web Vocabulary for sensors.</summary>
internal static class Vocabulary
{
    private static readonly string[] CbvReserved =
        ["urn:epcglobal:cbv", "http://ns.gs1.org/cbv/", "https://ns.gs1.org/cbv/"];

    private static readonly string[] Gs1Reserved =
        ["http://gs1.org/voc/", "https://gs1.org/voc/", "http://www.gs1.org/voc/", "https://www.gs1.org/voc/"];

    public static readonly WordSet BizSteps = Cbv("business step", "BizStep-", "bizstep:",
        "accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting " +
        "decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting " +
        "installing killing loading other packing picking receiving removing repackaging repairing replacing " +
        "reserving retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking storing " +
        "transporting unloading unpacking void_shipping");

    public static readonly WordSet Dispositions = Cbv("disposition", "Disp-", "disp:",
        "active available completeness_inferred completeness_verified conformant container_closed container_open " +
        "damaged destroyed dispensed disposed encoded expired in_progress in_transit inactive mismatch_class " +
        "mismatch_instance mismatch_quantity needs_replacement no_pedigree_match non_conformant non_sellable_other " +
        "partially_dispensed recalled reserved retail_sold returned sellable_accessible sellable_not_accessible " +
        "stolen unavailable unknown");

    public static readonly WordSet TransactionTypes = Cbv("business transaction type", "BTT-", "btt:",
        "bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt");

    public static readonly WordSet SourceDestinationTypes = Cbv("source or destination type", "SDT-", "sdt:",
        "location owning_party possessing_party");

    public static readonly WordSet ErrorReasons = Cbv("error reason", "ER-", "er:", "did_not_occur incorrect_data");

    public static readonly WordSet Components = Cbv("component", "Comp-", "comp:",
        "altitude axial_distance azimuth easting elevation_angle height latitude longitude northing polar_angle " +
        "spherical_radius x y z");

    public static readonly WordSet Measurements = new("measurement type", Namespaces.Gs1, null, Gs1Reserved,
        "AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Altitude AmountOfSubstance " +
        "AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity Area Capacitance " +
        "Conductance Conductivity Count Density Dimensionless DoseEquivalent DoseEquivalentRate DynamicViscosity " +
        "ElectricCharge ElectricCurrent ElectricCurrentDensity ElectricFieldStrength Energy Exposure Force Frequency " +
        "Illuminance Inductance Irradiance KinematicViscosity Length LinearMomentum Luminance LuminousFlux " +
        "LuminousIntensity MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass MassConcentration " +
        "MassFlowRate MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy MolarMass MolarVolume Power " +
        "Pressure RadiantFlux RadiantIntensity Radioactivity RelativeHumidity Resistance Resistivity SolidAngle " +
        "SpecificVolume Speed SurfaceDensity SurfaceTension Temperature Time Torque Voltage Volume VolumeFlowRate " +
        "VolumeFraction VolumetricFlux Wavenumber");

    public static readonly WordSet Alerts = new("sensor alert type", Namespaces.Gs1, null, Gs1Reserved,
        "ALARM_CONDITION ERROR_CONDITION");

    private static WordSet Cbv(string name, string kind, string urn, string words) =>
        new(name, Namespaces.Cbv + kind, "urn:epcglobal:cbv:" + urn, CbvReserved, words);
}
