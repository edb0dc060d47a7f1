package io.instanceworker.contracts.provision;

import java.util.Map;

/**
 * What a server says of itself.
 *
 * @param product name and version, such as {@code PostgreSQL 15.18}
 * @param unusableTemplates for each template database that jobs cannot use: what is wrong with it, and what helps
 */
public record ServerDescription(String product, Map<String, String> unusableTemplates) {

    public ServerDescription {
        unusableTemplates = Map.copyOf(unusableTemplates);
    }
}
