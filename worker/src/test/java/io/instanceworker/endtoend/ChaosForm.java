package io.instanceworker.endtoend;

/** How much there is of everything. */
enum ChaosForm {
    SHORT(120, 40),
    LONG(360, 90);

    private final int jobs;
    private final int seconds;

    ChaosForm(int jobs, int seconds) {
        this.jobs = jobs;
        this.seconds = seconds;
    }

    /** How many are thought up; what is sent twice comes on top. */
    int jobs() {
        return jobs;
    }

    /** Over which they are sent. */
    long millis() {
        return seconds * 1_000L;
    }
}
