package io.instanceworker.sweep;

import io.instanceworker.settings.WorkerProperties;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/** Runs the sweep in the background, first at start, then with the configured interval between the rounds. */
final class SweepSchedule implements SmartLifecycle {

    private final Sweep sweep;
    private final WorkerProperties.Sweep settings;
    private final ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(1, SweepSchedule::daemon);
    private volatile @Nullable ScheduledFuture<?> rounds;

    SweepSchedule(Sweep sweep, WorkerProperties.Sweep settings) {
        this.sweep = sweep;
        this.settings = settings;
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "sweep");
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public boolean isAutoStartup() {
        return settings.enabled();
    }

    @Override
    public void start() {
        rounds = thread.scheduleWithFixedDelay(
                sweep::round, 0, settings.interval().toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public boolean isRunning() {
        return rounds != null && !thread.isTerminated();
    }

    @Override
    public void stop() {
        stop(() -> {});
    }

    /** Nothing is interrupted: the only thread calls {@code ended} after the current round. */
    @Override
    public void stop(Runnable ended) {
        sweep.stop();
        thread.execute(ended);
        thread.shutdown();
    }
}
