package io.instanceworker.cli;

import io.instanceworker.cli.console.UsageException;
import io.instanceworker.contracts.job.DeleteJob;
import io.instanceworker.contracts.job.JobReader;
import io.instanceworker.contracts.job.RestoreJob;
import io.instanceworker.contracts.json.StrictJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A file beside a file of jobs, with which a run that was interrupted goes on: the run's id, which rows were sent, and how they
 * ended. A row is written here before it is sent.
 */
final class BulkState implements AutoCloseable {

    private final FileChannel channel;
    private final Map<Integer, String> sent = new HashMap<>();
    private final Map<Integer, ObjectNode> ended = new HashMap<>();
    private @Nullable String runId;

    /**
     * Begins a run, or goes on with the one that the file has.
     *
     * @param jobs what the file of jobs contains
     * @param operation of the rows that name none
     */
    BulkState(Path file, byte[] jobs, @Nullable String operation) {
        String sha256 = JobReader.sha256((operation + "\n" + JobReader.sha256(jobs)).getBytes(StandardCharsets.UTF_8));
        try {
            channel = FileChannel.open(
                    file,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.DSYNC);
            try {
                open(file, sha256);
            } catch (IOException | UsageException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UsageException("The file " + file + " cannot be used: " + e);
        }
    }

    private void open(Path file, String sha256) throws IOException {
        if (!isFree()) {
            throw new UsageException("Another run has locked " + file + ".");
        }
        new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .forEach(line -> readEntry(line, file, sha256));
        if (runId == null) {
            runId = HeaderOptions.newId("bulk");
            write(StrictJson.newObject().put("run", runId).put("sha256", sha256));
        }
    }

    private boolean isFree() throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    private void readEntry(String line, Path file, String sha256) {
        ObjectNode entry = entry(line);
        if (entry == null) {
            return;
        }
        if (entry.has("run")) {
            if (!entry.path("sha256").asString("").equals(sha256)) {
                throw new UsageException("The file of jobs or --operation is not the one with which " + file
                        + " was begun. Restore it to go on, or remove " + file
                        + " to begin anew; then the jobs that have ended are sent again.");
            }
            runId = entry.path("run").asString();
        } else if (entry.has("sent")) {
            sent.put(entry.path("line").asInt(), entry.path("sent").asString(""));
        } else {
            ended.put(entry.path("line").asInt(), entry);
        }
    }

    /** Null for a line that was not written to its end, because the machine stopped. */
    private static @Nullable ObjectNode entry(String line) {
        try {
            return StrictJson.parseObject(line);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    String runId() {
        return Objects.requireNonNull(runId);
    }

    /** When the row was sent; null if it was not. */
    @Nullable String sentAt(JobRow row) {
        return sent.get(row.line());
    }

    /**
     * Whether the row is to be sent. A delete or restore whose result an earlier run did not receive is not sent again, because
     * somebody may have made or deleted the database since. Another job can be sent again: where its work is done, the worker
     * finds that.
     */
    boolean isOpen(JobRow row) {
        boolean once = row.job() instanceof DeleteJob || row.job() instanceof RestoreJob;
        return end(row) == null && !(once && sent.containsKey(row.line()));
    }

    /** How the row's job ended; null if that is not known. */
    @Nullable ObjectNode end(JobRow row) {
        return ended.get(row.line());
    }

    void sending(JobRow row) {
        String now = Instant.now().toString();
        sent.put(row.line(), now);
        write(entry(row).put("sent", now));
    }

    /** @param code null if the job succeeded */
    ObjectNode ended(JobRow row, String outcome, @Nullable String code, @Nullable String message) {
        ObjectNode end = entry(row).put("outcome", outcome).put("code", code).put("message", message);
        ended.put(row.line(), end);
        write(end);
        return end;
    }

    private static ObjectNode entry(JobRow row) {
        return StrictJson.newObject()
                .put("line", row.line())
                .put("jobId", row.job().jobId());
    }

    private void write(ObjectNode entry) {
        try {
            // The line break comes first, so that an entry never follows half of another on its line.
            ByteBuffer line = ByteBuffer.wrap(("\n" + StrictJson.writeAscii(entry)).getBytes(StandardCharsets.UTF_8));
            while (line.hasRemaining()) {
                channel.write(line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
