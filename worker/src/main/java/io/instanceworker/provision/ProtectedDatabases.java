package io.instanceworker.provision;

import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Databases that no job may create, copy over or drop. To be safe, names are compared without regard to case, also if
 * {@code EdFi_Admin} and {@code edfi_admin} are two databases on the engine.
 */
final class ProtectedDatabases {

    /** System databases of all engines and managed services, and Ed-Fi's Admin and Security databases of all tenants. */
    private static final List<String> ALWAYS = List.of(
            "postgres",
            "template0",
            "template1",
            "rdsadmin",
            "cloudsqladmin",
            "azure_maintenance",
            "azure_sys",
            "master",
            "model",
            "msdb",
            "tempdb",
            "resource",
            "EdFi_Admin",
            "EdFi_Admin_*",
            "EdFi_Security",
            "EdFi_Security_*");

    private final List<Pattern> patterns;

    /**
     * @param configured names, with * for any characters
     * @param exact names in which * is no pattern: maintenance and template databases
     */
    ProtectedDatabases(Collection<String> configured, Collection<String> exact) {
        this.patterns = Stream.concat(
                        Stream.concat(ALWAYS.stream(), configured.stream()).map(ProtectedDatabases::glob),
                        exact.stream().map(Pattern::quote))
                .map(regex -> Pattern.compile(regex, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE))
                .toList();
    }

    /** @return a regular expression */
    static String glob(String name) {
        return Stream.of(name.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
    }

    boolean contain(String databaseName) {
        return patterns.stream().anyMatch(p -> p.matcher(databaseName).matches());
    }
}
