package io.instanceworker.provision;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.provision.ProvisioningException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The configured servers. */
public final class Servers implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Servers.class);

    private final Map<String, Server> byName = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final @Nullable String defaultServer;

    Servers(List<Server> servers, @Nullable String defaultServer) {
        servers.forEach(server -> byName.put(server.name(), server));
        this.defaultServer = defaultServer;
    }

    /** From now on it is found out in the background which servers are reachable. */
    public Servers start() {
        byName.values().forEach(server -> {
            server.risks().forEach(risk -> log.warn("The server {}: {}", server.name(), risk));
            server.guard().start();
        });
        return this;
    }

    /**
     * @param requested null for the default
     * @throws ProvisioningException {@code UNKNOWN_SERVER}
     */
    public Server named(@Nullable String requested) {
        String wanted = requested == null ? defaultServer : requested;
        Server server = wanted == null ? null : byName.get(wanted);
        if (server == null) {
            throw new ProvisioningException(
                    ErrorCode.UNKNOWN_SERVER,
                    (requested == null
                                    ? "The job names no server, and no default-server is configured."
                                    : "No server of that name is configured.")
                            + " Configured are: " + String.join(", ", byName.keySet()) + ".");
        }
        return server;
    }

    /** The server for a job that names no server; null if there is no default. */
    public @Nullable String defaultServer() {
        return defaultServer;
    }

    public Collection<Server> all() {
        return byName.values();
    }

    @Override
    public void close() {
        byName.values().forEach(Server::close);
    }
}
