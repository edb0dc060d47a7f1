package io.instanceworker.sweep;

import io.instanceworker.settings.WorkerProperties;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/** Sweeps in the background from the start on, and with the pause that is set between the rounds. */
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

    /** The one thread comes to this when a round that it is in has ended. Nothing is interrupted. */
    @Override
    public void stop(Runnable ended) {
        sweep.stop();
        thread.execute(ended);
        thread.shutdown();
    }
}
