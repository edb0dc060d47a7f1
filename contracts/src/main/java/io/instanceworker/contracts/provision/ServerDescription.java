package io.instanceworker.contracts.provision;

import java.util.Map;

/**
 * A description of a server.
 *
 * @param product name and version, such as {@code PostgreSQL 15.18}
 * @param unusableTemplates for each template database that jobs cannot use: what is wrong with it, and what to do
 */
public record ServerDescription(String product, Map<String, String> unusableTemplates) {

    public ServerDescription {
        unusableTemplates = Map.copyOf(unusableTemplates);
    }
}
