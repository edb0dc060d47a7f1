package io.instanceworker.provision;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.bulkhead.BulkheadFullException;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.provision.ProvisioningException;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * The way to one server. It lets only so many jobs in, repeats at once what a blink of the network broke, and after the
 * server could not be reached a few times turns jobs away without trying, until a single one finds it back.
 */
public final class ServerGate {

    /** A job is not let in; it waits without using an attempt. */
    public static final class ClosedException extends RuntimeException {
        private ClosedException(String message) {
            super(message);
        }
    }

    private static final int QUICK_TRIES = 2;
    private static final Duration BETWEEN_QUICK_TRIES = Duration.ofMillis(200);
    private static final int CALLS_LOOKED_AT = 4;
    private static final int CALLS_NEEDED = 2;
    private static final int PERCENT_FAILED = 50;
    private static final Duration LEFT_ALONE = Duration.ofSeconds(10);

    private final String server;
    private final Bulkhead changing;
    private final Bulkhead looking;
    private final CircuitBreaker breaker;
    private final Retry quickRetry;

    ServerGate(String server, int maxConcurrentJobs) {
        this.server = server;
        BulkheadConfig places = BulkheadConfig.custom()
                .maxConcurrentCalls(maxConcurrentJobs)
                .maxWaitDuration(Duration.ZERO)
                .build();
        this.changing = Bulkhead.of(server + ".changing", places);
        this.looking = Bulkhead.of(server + ".looking", places);
        this.breaker = CircuitBreaker.of(
                server,
                CircuitBreakerConfig.custom()
                        .slidingWindowSize(CALLS_LOOKED_AT)
                        .minimumNumberOfCalls(CALLS_NEEDED)
                        .failureRateThreshold(PERCENT_FAILED)
                        .waitDurationInOpenState(LEFT_ALONE)
                        .permittedNumberOfCallsInHalfOpenState(1)
                        .recordException(ServerGate::isUnreachable)
                        .build());
        this.quickRetry = Retry.of(
                server,
                RetryConfig.custom()
                        .maxAttempts(QUICK_TRIES)
                        .intervalFunction(IntervalFunction.ofRandomized(BETWEEN_QUICK_TRIES))
                        .retryOnException(ServerGate::isUnreachable)
                        .build());
    }

    private static boolean isUnreachable(Throwable e) {
        return e instanceof ProvisioningException p && p.code() == ErrorCode.SERVER_UNAVAILABLE;
    }

    /**
     * Runs a whole job that changes something, in one of the server's places.
     *
     * @throws ClosedException if there is none free
     */
    public <T> T change(Supplier<T> job) {
        return inPlace(changing, job);
    }

    /**
     * Looks at the server, in one of the places for that, of which there are as many again.
     *
     * @throws ClosedException if there is none free, or the server could not be reached lately
     */
    public <T> T look(Supplier<T> look) {
        return inPlace(looking, () -> reach(look));
    }

    /**
     * Does something short and repeatable with the server. Not for DDL: it must not be repeated without another look, and
     * while it runs it would keep a circuit from closing.
     *
     * @throws ClosedException if the server could not be reached lately
     */
    public <T> T reach(Supplier<T> call) {
        try {
            // The other way round a job's second try would meet the circuit that others had opened meanwhile, and what
            // its first one found would be told to nobody.
            return breaker.executeSupplier(() -> quickRetry.executeSupplier(call));
        } catch (CallNotPermittedException e) {
            throw new ClosedException("the server " + server + " could not be reached lately");
        }
    }

    private <T> T inPlace(Bulkhead places, Supplier<T> work) {
        try {
            return places.executeSupplier(work);
        } catch (BulkheadFullException e) {
            throw new ClosedException("the server " + server + " is full");
        }
    }

    /** For metrics. */
    public CircuitBreaker breaker() {
        return breaker;
    }
}
