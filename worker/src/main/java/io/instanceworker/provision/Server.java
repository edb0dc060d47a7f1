package io.instanceworker.provision;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.job.InstanceJob;
import io.instanceworker.contracts.provision.DatabaseNameRules;
import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.journal.Journal;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A configured server, with all that its jobs need. */
public final class Server implements AutoCloseable {

    /** A configured template: its name, and its database (or backup file). */
    public record Template(String name, String database) {}

    /**
     * What the settings allow a job to do with a database that is there.
     *
     * @param unmanagedDelete whether a Delete may be of a database without a mark
     * @param copyBetweenTenants whether a Copy may have an instance of another tenant as its source
     * @param adopt whether an Adopt may mark a database
     * @param trash whether a Delete puts the database into the trash and does not drop it
     * @param trashRetention how long a database stays in the trash
     */
    public record Rules(
            boolean unmanagedDelete,
            boolean copyBetweenTenants,
            boolean adopt,
            boolean trash,
            Duration trashRetention) {}

    private final String name;
    private final InstanceProvisioner provisioner;
    private final ServerGuard guard;
    private final @Nullable Journal journal;
    private final NamingRules naming;
    private final ProtectedDatabases protectedDatabases;
    private final Map<String, String> templates = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final @Nullable String defaultTemplate;
    private final Rules rules;
    private final List<Pattern> allowedDatabases;
    private final @Nullable String connectionString;
    private final List<String> risks;

    /** @param allowedDatabases patterns of canonical names; empty to allow every name */
    Server(
            String name,
            InstanceProvisioner provisioner,
            ServerGuard guard,
            @Nullable Journal journal,
            NamingRules naming,
            ProtectedDatabases protectedDatabases,
            Map<String, String> templates,
            @Nullable String defaultTemplate,
            Rules rules,
            List<Pattern> allowedDatabases,
            @Nullable String connectionString,
            List<String> risks) {
        this.name = name;
        this.provisioner = provisioner;
        this.guard = guard;
        this.journal = journal;
        this.naming = naming;
        this.protectedDatabases = protectedDatabases;
        this.templates.putAll(templates);
        this.defaultTemplate = defaultTemplate;
        this.rules = rules;
        this.allowedDatabases = allowedDatabases;
        this.connectionString = connectionString;
        this.risks = risks;
    }

    public String name() {
        return name;
    }

    public InstanceProvisioner provisioner() {
        return provisioner;
    }

    public ServerGuard guard() {
        return guard;
    }

    /** Empty for an engine without a journal. */
    public Optional<Journal> journal() {
        return Optional.ofNullable(journal);
    }

    /** What in its settings is not safe, for people. */
    public List<String> risks() {
        return risks;
    }

    public Rules rules() {
        return rules;
    }

    /**
     * The database of the job, and the instance that must own it.
     *
     * @throws ProvisioningException if this job may not use the name
     */
    public Target target(InstanceJob job) {
        InstanceRef instance = job.instance();
        DatabaseNameRules names = provisioner.nameRules();
        // The same for every operation, so that a display name always means the same database.
        String template = templateInName(job.template() == null ? defaultTemplate : job.template());
        String databaseName = naming.databaseName(instance, template, names);
        if (job.operation().changesDatabases()) {
            if (protectedDatabases.contain(databaseName) || names.isReserved(databaseName)) {
                throw new ProvisioningException(
                        ErrorCode.PROTECTED_DATABASE,
                        "The database \"" + databaseName
                                + "\" is protected: no job may make, adopt, copy over or drop it.");
            }
            checkAllowed(databaseName);
        }
        String id = instance.id() == null ? databaseName : instance.id();
        return new Target(new InstanceRef(id, instance.tenant(), instance.name(), databaseName), id, databaseName);
    }

    /**
     * The template's name in a derived database name; null for a job without a template. The spelling is the configured one,
     * not the job's: otherwise an Add and a Delete could mean two databases. A name from an environment variable is in lower
     * case; it gets a capital letter, as Ed-Fi writes it.
     */
    private @Nullable String templateInName(@Nullable String requested) {
        if (requested == null || requested.isEmpty()) {
            return null;
        }
        String name = templates.keySet().stream()
                .filter(requested::equalsIgnoreCase)
                .findFirst()
                .orElse(requested);
        return name.equals(name.toLowerCase(Locale.ROOT))
                ? name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1)
                : name;
    }

    /**
     * The template of an Add: the one that the job names, or the server's default.
     *
     * @param requested null for the default, empty for an empty database
     * @return null for an empty database
     * @throws ProvisioningException {@code UNKNOWN_TEMPLATE}
     */
    public @Nullable Template template(@Nullable String requested) {
        if (requested != null && requested.isEmpty()) {
            return null;
        }
        String wanted = requested == null ? defaultTemplate : requested;
        if (wanted == null) {
            throw new ProvisioningException(
                    ErrorCode.UNKNOWN_TEMPLATE,
                    "The job names no template, and the server \"" + name + "\" has no default-template. Name one ("
                            + templateNames() + "), or ask for an empty database with \"template\": \"\".");
        }
        for (Map.Entry<String, String> configured : templates.entrySet()) {
            if (configured.getKey().equalsIgnoreCase(wanted)) {
                return new Template(configured.getKey(), configured.getValue());
            }
        }
        throw new ProvisioningException(
                ErrorCode.UNKNOWN_TEMPLATE,
                "The server \"" + name + "\" has no template of that name. It has: " + templateNames() + ".");
    }

    private String templateNames() {
        return templates.isEmpty() ? "none" : String.join(", ", templates.keySet());
    }

    public boolean isTemplateDatabase(String databaseName) {
        DatabaseNameRules names = provisioner.nameRules();
        return templates.values().stream().anyMatch(t -> names.canonical(t).equals(names.canonical(databaseName)));
    }

    /** @throws ProvisioningException {@code INVALID_NAME}, {@code NAME_TOO_LONG} or {@code PROTECTED_DATABASE} */
    public void checkSourceName(String databaseName) {
        if (!isTemplateDatabase(databaseName)) {
            naming.checked(databaseName, provisioner.nameRules());
            if (provisioner.nameRules().isReserved(databaseName)) {
                throw new ProvisioningException(
                        ErrorCode.PROTECTED_DATABASE,
                        "The database \"" + databaseName + "\" is unfinished or in the trash, so it cannot be copied.");
            }
            checkAllowed(databaseName);
        }
    }

    private void checkAllowed(String databaseName) {
        String canonical = provisioner.nameRules().canonical(databaseName);
        if (!allowedDatabases.isEmpty()
                && allowedDatabases.stream()
                        .noneMatch(pattern -> pattern.matcher(canonical).matches())) {
            throw new ProvisioningException(
                    ErrorCode.PROTECTED_DATABASE,
                    "The database \"" + databaseName + "\" is not among the allowed-databases of the server \"" + name
                            + "\".");
        }
    }

    /** The connection string for events; null if the settings have no pattern for it. */
    public @Nullable String connectionString(String databaseName) {
        return connectionString == null
                ? null
                : connectionString
                        .replace("{host}", provisioner.address().host())
                        .replace(
                                "{port}", Integer.toString(provisioner.address().port()))
                        .replace("{database}", databaseName);
    }

    @Override
    public void close() {
        guard.close();
        provisioner.close();
    }
}
