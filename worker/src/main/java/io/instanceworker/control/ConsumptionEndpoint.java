package io.instanceworker.control;

import io.instanceworker.messaging.Consumers;
import io.instanceworker.messaging.Consumers.State;
import java.util.Locale;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;

/** {@code GET /actuator/consumption}, {@code POST /actuator/consumption/pause} and {@code …/resume}. */
@WebEndpoint(id = "consumption")
final class ConsumptionEndpoint {

    record Answer(String state) {
        private static Answer of(State state) {
            return new Answer(state.name().toLowerCase(Locale.ROOT));
        }
    }

    /** The last part of the path. The answer to any other is 404. */
    enum Action {
        PAUSE,
        RESUME
    }

    private final Consumers consumers;
    private final LocalRequestGuard guard;

    ConsumptionEndpoint(Consumers consumers, LocalRequestGuard guard) {
        this.consumers = consumers;
        this.guard = guard;
    }

    @ReadOperation
    public WebEndpointResponse<?> state() {
        return guard.answer(() -> Answer.of(consumers.state()));
    }

    @WriteOperation
    public WebEndpointResponse<?> change(@Selector Action action) {
        return guard.answer(() -> Answer.of(action == Action.PAUSE ? consumers.pause() : consumers.resume()));
    }
}
