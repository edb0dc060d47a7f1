package io.instanceworker.contracts.job;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.json.JsonProperties;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads a message into a job. Only the bytes of the body count. Headers and content type are not used.
 *
 * <p>Names of properties and of enumerated values are matched without regard to case. Unknown properties are ignored. Null
 * counts as absent. An empty string counts as absent where a name is expected, because .NET clients often write a missing
 * value as an empty string. There are two exceptions: an empty template asks for an empty database, and jobId, operation,
 * schemaVersion, whenSourceBusy and deadline must not be empty.
 */
public final class JobReader {

    /** The largest message that is read. */
    public static final int MAX_BYTES = 256 * 1024;

    /** Never throws. */
    public ReadJob read(byte[] body) {
        JobMessage message;
        try {
            message = new JobMessage(JobBytes.parse(body), () -> JobBytes.deriveJobId(body));
        } catch (Refusal e) {
            return new ReadJob.Refused(e.code(), textOf(e), null, null, null, InstanceRef.NONE, null, null);
        }
        try {
            return new ReadJob.Accepted(message.toJob());
        } catch (Refusal e) {
            return refused(e.code(), textOf(e), message);
        } catch (IllegalArgumentException e) {
            return refused(ErrorCode.INVALID_REQUEST, textOf(e), message);
        }
    }

    private static ReadJob.Refused refused(ErrorCode code, String text, JobMessage message) {
        return new ReadJob.Refused(
                code,
                text,
                orNull(message::jobId),
                orNull(message::operation),
                orNull(message::server),
                instanceAsFarAsReadable(message),
                message.requestedBy(),
                orNull(message::context));
    }

    private static InstanceRef instanceAsFarAsReadable(JobMessage message) {
        JsonProperties instance = orNull(message::instanceProperties);
        return instance == null ? InstanceRef.NONE : JobMessage.instance(instance, JobReader::orNull);
    }

    private static <T> @Nullable T orNull(Supplier<@Nullable T> part) {
        try {
            return part.get();
        } catch (Refusal | IllegalArgumentException e) {
            return null;
        }
    }

    private static String textOf(RuntimeException e) {
        return String.valueOf(e.getMessage());
    }

    /** The SHA-256 of a message's body in hexadecimal digits. The journal finds the row of a redelivered message by it. */
    public static String sha256(byte[] body) {
        return JobBytes.sha256(body);
    }
}
