package io.instanceworker.endtoend;

import io.instanceworker.contracts.job.JobReader;
import io.instanceworker.contracts.job.ReadJob;
import java.nio.charset.StandardCharsets;

/**
 * A message to be published.
 *
 * @param at in milliseconds from the beginning
 */
record ChaosPost(long at, String routingKey, String body) {

    ChaosPost again(long later) {
        return new ChaosPost(at + later, routingKey, body);
    }

    ReadJob read() {
        return new JobReader().read(body.getBytes(StandardCharsets.UTF_8));
    }
}
