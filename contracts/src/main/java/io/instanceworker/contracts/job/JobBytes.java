package io.instanceworker.contracts.job;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.json.JsonProperties;
import io.instanceworker.contracts.json.StrictJson;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Reads the bytes of a message as the properties of its JSON object. */
final class JobBytes {

    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private JobBytes() {}

    /** @throws Refusal if the bytes are not exactly one JSON object */
    static JsonProperties parse(byte[] body) {
        if (body.length > JobReader.MAX_BYTES) {
            throw new Refusal(
                    ErrorCode.MALFORMED_MESSAGE,
                    "The message has " + body.length + " bytes; at most " + JobReader.MAX_BYTES + " are allowed.");
        }
        try {
            return JsonProperties.anyCase(StrictJson.parseJob(decode(body)));
        } catch (IllegalArgumentException e) {
            throw new Refusal(ErrorCode.MALFORMED_MESSAGE, String.valueOf(e.getMessage()));
        }
    }

    /** The jobId of a message that has none. It is the same for every delivery of the same bytes. */
    static String deriveJobId(byte[] body) {
        return "sha256-" + sha256(body);
    }

    static String sha256(byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static String decode(byte[] body) {
        try {
            // newDecoder() reports malformed input. The constructor of String replaces malformed input without an
            // error.
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
            return text.indexOf(BYTE_ORDER_MARK) == 0 ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("The message is not UTF-8.", e);
        }
    }
}
