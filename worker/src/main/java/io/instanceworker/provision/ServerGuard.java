package io.instanceworker.provision;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.provision.ProvisioningException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows whether one server can be reached. A probe checks this on a thread of its own, from time to time, and at once if a job
 * could not reach the server. While the circuit is open, the server's jobs wait.
 */
public final class ServerGuard implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ServerGuard.class);

    private static final int QUICK_TRIES = 2;
    private static final Duration BETWEEN_QUICK_TRIES = Duration.ofMillis(200);
    private static final Duration BETWEEN_PROBES = Duration.ofSeconds(5);
    private static final Duration BETWEEN_PROBES_WHILE_OPEN = Duration.ofSeconds(1);
    private static final int PERCENT_FAILED = 50;

    private final String server;
    private final Runnable probe;
    private final CircuitBreaker breaker;
    private final Retry quickRetry;
    private final Thread thread;
    private boolean probeNow;
    private boolean closed;
    private volatile @Nullable Instant lastContact;
    private volatile @Nullable ErrorCode unreachableBecause;

    /** @param probe throws {@link ProvisioningException} if the server does not answer */
    ServerGuard(String server, Runnable probe) {
        this.server = server;
        this.probe = probe;
        this.breaker = CircuitBreaker.of(
                server,
                CircuitBreakerConfig.custom()
                        .slidingWindowSize(1)
                        .minimumNumberOfCalls(1)
                        .failureRateThreshold(PERCENT_FAILED)
                        .waitDurationInOpenState(BETWEEN_PROBES_WHILE_OPEN.dividedBy(2))
                        .permittedNumberOfCallsInHalfOpenState(1)
                        .recordException(ServerGuard::isUnreachable)
                        .build());
        this.quickRetry = Retry.of(
                server,
                RetryConfig.custom()
                        .maxAttempts(QUICK_TRIES)
                        .intervalFunction(IntervalFunction.ofRandomized(BETWEEN_QUICK_TRIES))
                        .retryOnException(ServerGuard::isUnreachable)
                        .build());
        this.thread = new Thread(this::probeUntilClosed, "probe-" + server);
        thread.setDaemon(true);
    }

    /** A refused login counts as unreachable too: only other credentials help, not further attempts of jobs. */
    private static boolean isUnreachable(Throwable e) {
        return e instanceof ProvisioningException p
                && (p.code() == ErrorCode.SERVER_UNAVAILABLE || p.code() == ErrorCode.AUTHENTICATION_FAILED);
    }

    void start() {
        thread.start();
    }

    /** Runs a short call to the server that can be repeated. If the server cannot be reached, the call is repeated once. */
    public <T> T reach(Supplier<T> call) {
        return observed(() -> quickRetry.executeSupplier(call));
    }

    /** Runs a call to the server that must not be repeated. */
    public <T> T observed(Supplier<T> call) {
        try {
            T answer = call.get();
            lastContact = Clock.systemUTC().instant();
            return answer;
        } catch (ProvisioningException e) {
            if (isUnreachable(e)) {
                requestProbe();
            }
            throw e;
        }
    }

    private synchronized void requestProbe() {
        probeNow = true;
        notifyAll();
    }

    public boolean isReachable() {
        return breaker.getState() == CircuitBreaker.State.CLOSED;
    }

    /** Why the circuit is open: {@code SERVER_UNAVAILABLE} or {@code AUTHENTICATION_FAILED}; null while it is closed. */
    public @Nullable ErrorCode unreachableBecause() {
        return isReachable() ? null : unreachableBecause;
    }

    /** When the server answered last; null if it has never answered. */
    public @Nullable Instant lastContact() {
        return lastContact;
    }

    /** Waits until the server can be reached, or the time has passed. Returns at once when the worker stops. */
    public synchronized boolean awaitReachable(Duration longest) {
        long end = System.nanoTime() + longest.toNanos();
        try {
            while (!isReachable() && !closed) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left <= 0) {
                    return false;
                }
                wait(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return isReachable();
    }

    private void probeUntilClosed() {
        while (awaitNextProbe()) {
            boolean before = isReachable();
            String failure = probeOnce();
            if (isReachable() != before) {
                if (failure == null) {
                    log.info("The server {} can be used again", server);
                } else {
                    log.warn("The server {} cannot be used; its jobs wait: {}", server, failure);
                }
                synchronized (this) {
                    notifyAll();
                }
            }
        }
    }

    private synchronized boolean awaitNextProbe() {
        Duration pause = isReachable() ? BETWEEN_PROBES : BETWEEN_PROBES_WHILE_OPEN;
        long end = System.nanoTime() + pause.toNanos();
        try {
            while (!closed && !(probeNow && isReachable())) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left <= 0) {
                    break;
                }
                wait(left);
            }
        } catch (InterruptedException e) {
            return false;
        }
        probeNow = false;
        return !closed;
    }

    /** @return why it failed; null if the server answered */
    private @Nullable String probeOnce() {
        try {
            breaker.executeRunnable(probe);
            lastContact = Clock.systemUTC().instant();
            return null;
        } catch (CallNotPermittedException e) {
            return "it was asked a moment ago";
        } catch (ProvisioningException e) {
            if (isUnreachable(e)) {
                unreachableBecause = e.code();
            }
            return String.valueOf(e.getMessage());
        } catch (RuntimeException | LinkageError e) {
            log.error("The probe of the server {} failed, which is a defect of the engine", server, e);
            return "the probe failed";
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
    }
}
