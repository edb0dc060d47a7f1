package io.instanceworker.provision;

import io.instanceworker.contracts.provision.InstanceProvisioner;
import io.instanceworker.contracts.provision.InstanceProvisionerFactory;
import io.instanceworker.contracts.provision.ServerDefinition;
import io.instanceworker.contracts.provision.ServerDefinition.Concurrency;
import io.instanceworker.contracts.provision.ServerDefinition.Secret;
import io.instanceworker.journal.Journal;
import io.instanceworker.settings.WorkerProperties;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Creates the servers from the settings, or finds the mistakes in the settings. */
public final class ServersFactory {

    private static final String PREFIX = "instance-worker.";
    /** The server's name is part of the names of its queues. */
    private static final Pattern SERVER_NAME = Pattern.compile("[A-Za-z0-9_.-]{1,100}");

    /** Such as that of a file in a cloud with a signature that opens it. */
    private static final Pattern SIGNED_URL = Pattern.compile("://[^?]*\\?");

    private static final Pattern PASSWORD = Pattern.compile("(?i)(password|pwd)\\s*=");

    private final Map<String, InstanceProvisionerFactory> engines = new LinkedHashMap<>();
    private final WorkerProperties properties;
    private final List<String> mistakes;

    /**
     * @param mistakes every mistake is added here
     */
    public ServersFactory(
            WorkerProperties properties, Collection<InstanceProvisionerFactory> engines, List<String> mistakes) {
        this.properties = properties;
        this.mistakes = mistakes;
        engines.forEach(e -> this.engines.put(e.platform().toLowerCase(Locale.ROOT), e));
    }

    /** The engines on the class path: those of the worker and those of plugins. */
    public static Collection<InstanceProvisionerFactory> installedEngines() {
        return ServiceLoader.load(InstanceProvisionerFactory.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }

    /** Checks every setting of every server, without a connection. */
    public void findMistakes() {
        if (properties.servers().isEmpty()) {
            mistakes.add(PREFIX + "servers: name at least one server, as in " + PREFIX + "servers.default.url");
        }
        properties.servers().forEach(this::findMistakes);
        Set<String> seen = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        properties.servers().keySet().stream()
                .filter(name -> !seen.add(name))
                .forEach(name ->
                        mistakes.add(PREFIX + "servers." + name + ": another server has this name in another case"));
        String wanted = properties.defaultServer();
        if (wanted != null && properties.servers().keySet().stream().noneMatch(wanted::equalsIgnoreCase)) {
            mistakes.add(PREFIX + "default-server: no such server is configured");
        }
        if (properties.servers().size() > 1 && defaultServer() == null) {
            mistakes.add(PREFIX + "default-server: is missing; name the server for jobs that name none, one of "
                    + String.join(", ", new TreeSet<>(properties.servers().keySet())));
        }
        try {
            Pattern.compile(properties.databaseNamePattern());
        } catch (PatternSyntaxException e) {
            mistakes.add(PREFIX + "database-name-pattern: is no regular expression: " + e.getDescription());
        }
    }

    private void findMistakes(String name, WorkerProperties.Server server) {
        String prefix = PREFIX + "servers." + name + ".";
        require(server.platform(), prefix + "platform");
        require(server.url(), prefix + "url");
        InstanceProvisionerFactory engine = engineOf(server);
        if (!SERVER_NAME.matcher(name).matches()) {
            mistakes.add(PREFIX + "servers." + name
                    + ": must have a name of 1 to 100 letters, digits, dots, dashes and underscores, because queues are"
                    + " named after it");
        }
        if (server.platform() != null && engine == null) {
            mistakes.add(prefix + "platform: must be one of " + String.join(", ", engines.keySet())
                    + "; another one needs its plugin's jar in a folder that -Dloader.path names");
        }
        if (server.maxConcurrentJobs() < 1) {
            mistakes.add(prefix + "max-concurrent-jobs: must be at least 1");
        }
        if (server.maxConcurrentQueries() < 1) {
            mistakes.add(prefix + "max-concurrent-queries: must be at least 1");
        }
        require(server.journalDatabase(), prefix + "journal-database");
        String wanted = server.defaultTemplate();
        if (wanted != null && server.templates().keySet().stream().noneMatch(wanted::equalsIgnoreCase)) {
            mistakes.add(prefix + "default-template: no such template is configured");
        }
        server.templates().forEach((template, database) -> {
            require(database, prefix + "templates." + template);
            if (SIGNED_URL.matcher(String.valueOf(database)).find()) {
                mistakes.add(prefix + "templates." + template
                        + ": must not have a question mark and what follows it, because events carry the name");
            }
        });
        String pattern = server.connectionString();
        if (pattern != null
                && (PASSWORD.matcher(pattern).find()
                        || (server.password() != null
                                && !server.password().isEmpty()
                                && pattern.contains(server.password())))) {
            mistakes.add(prefix + "connection-string: must not hold a password, because events carry it");
        }
        InstanceProvisionerFactory checking = engine == null ? engineOfUrl(server) : engine;
        if (checking != null && server.url() != null) {
            checking.mistakesIn(definition(name, server, ServersFactory::unchanged))
                    .forEach(m -> mistakes.add(prefix + m));
        }
    }

    /** The engine for the URL. With it the server's other mistakes are found even if the platform is missing or misspelt. */
    private @Nullable InstanceProvisionerFactory engineOfUrl(WorkerProperties.Server server) {
        String url = String.valueOf(server.url()).toLowerCase(Locale.ROOT);
        return engines.entrySet().stream()
                .filter(engine -> url.startsWith("jdbc:" + engine.getKey() + ":"))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }

    private void require(@Nullable String value, String property) {
        if (value == null || value.isBlank()) {
            mistakes.add(property + ": is missing");
        }
    }

    /** Supplies the current password of a server. */
    @FunctionalInterface
    public interface Passwords {
        Supplier<String> password(String server, String atStart);
    }

    /** Call this only if no mistakes were found. Connects to no server before {@link Servers#start}. */
    public Servers create(Passwords passwords) {
        NamingRules naming = new NamingRules(Pattern.compile(properties.databaseNamePattern()));
        List<Server> servers = new ArrayList<>();
        properties.servers().forEach((name, server) -> servers.add(create(name, server, naming, passwords)));
        return new Servers(servers, defaultServer());
    }

    private Server create(String name, WorkerProperties.Server server, NamingRules naming, Passwords passwords) {
        InstanceProvisionerFactory engine = engineOf(server);
        if (engine == null) {
            throw new IllegalStateException("create() was called although findMistakes() found some");
        }
        ServerDefinition definition = definition(name, server, passwords);
        List<String> unusable = new ArrayList<>(server.templates().values());
        unusable.addAll(engine.maintenanceDatabases(definition));
        // Two servers of the settings may be one, with a journal for each.
        properties.servers().values().forEach(each -> unusable.add(each.journalDatabase()));
        InstanceProvisioner provisioner = engine.create(definition);
        return new Server(
                name,
                provisioner,
                new ServerGuard(name, provisioner::probe),
                provisioner
                        .journal()
                        .map(store -> new Journal(store, properties.retry().maxAttempts()))
                        .orElse(null),
                naming,
                new ProtectedDatabases(properties.protectedDatabases(), unusable),
                server.templates(),
                server.defaultTemplate(),
                new Server.Rules(
                        server.allowUnmanagedDelete(),
                        server.allowCopyBetweenTenants(),
                        server.allowAdopt(),
                        server.delete() == WorkerProperties.DeleteMode.TRASH,
                        server.trashRetention()),
                server.allowedDatabases().stream()
                        .map(provisioner.nameRules()::canonical)
                        .map(ProtectedDatabases::glob)
                        .map(Pattern::compile)
                        .toList(),
                server.connectionString(),
                engine.risksIn(definition));
    }

    private @Nullable InstanceProvisionerFactory engineOf(WorkerProperties.Server server) {
        return server.platform() == null ? null : engines.get(server.platform().toLowerCase(Locale.ROOT));
    }

    private static Supplier<String> unchanged(String server, String atStart) {
        return () -> atStart;
    }

    private static ServerDefinition definition(String name, WorkerProperties.Server server, Passwords passwords) {
        return new ServerDefinition(
                name,
                String.valueOf(server.platform()),
                String.valueOf(server.url()),
                server.username(),
                server.password() == null ? null : new Secret(passwords.password(name, server.password())),
                server.journalDatabase(),
                new Concurrency(server.maxConcurrentJobs(), server.maxConcurrentQueries()),
                server.properties());
    }

    /** The configured default server, else the only server, else the server with the name "default". */
    private @Nullable String defaultServer() {
        if (properties.defaultServer() != null) {
            return properties.defaultServer();
        }
        Map<String, String> byLowerCase = properties.servers().keySet().stream()
                .collect(Collectors.toMap(n -> n.toLowerCase(Locale.ROOT), n -> n, (a, b) -> a));
        return byLowerCase.size() == 1 ? byLowerCase.values().iterator().next() : byLowerCase.get("default");
    }
}
