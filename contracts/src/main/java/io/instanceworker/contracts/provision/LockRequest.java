package io.instanceworker.contracts.provision;

import java.util.Set;

/**
 * Which database names to lock.
 *
 * @param exclusive databases that are created or dropped
 * @param shared databases that are only read, so that many copies of one template can run at once
 */
public record LockRequest(Set<String> exclusive, Set<String> shared) {

    public LockRequest {
        exclusive = Set.copyOf(exclusive);
        shared = Set.copyOf(shared);
    }
}
