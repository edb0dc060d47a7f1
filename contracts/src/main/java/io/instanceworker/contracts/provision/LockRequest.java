package io.instanceworker.contracts.provision;

import java.util.Set;

/**
 * Which database names to lock.
 *
 * @param exclusive what is made or dropped
 * @param shared what is only read, so that many copies of one template run at once
 */
public record LockRequest(Set<String> exclusive, Set<String> shared) {

    public LockRequest {
        exclusive = Set.copyOf(exclusive);
        shared = Set.copyOf(shared);
    }
}
