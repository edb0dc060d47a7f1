package io.instanceworker.contracts.job;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.json.Excerpt;
import io.instanceworker.contracts.json.JsonProperties;
import java.math.BigDecimal;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Which versions of the job schema can be read: every 1.x. A minor version adds only properties that may be ignored. */
final class SchemaVersion {

    static final String WRITTEN = "1.0";

    private static final Pattern KNOWN = Pattern.compile("1(\\.\\d{1,9}){0,2}");
    private static final BigDecimal TWO = BigDecimal.valueOf(2);

    private SchemaVersion() {}

    static void check(JsonProperties message) {
        JsonNode version = message.any("schemaVersion");
        if (version == null) {
            return;
        }
        if (!version.isString() && !version.isNumber()) {
            throw message.mistake("schemaVersion", "must be a string such as \"" + WRITTEN + '"');
        }
        if (!isKnown(version)) {
            throw new Refusal(
                    ErrorCode.UNSUPPORTED_SCHEMA_VERSION,
                    "schemaVersion: " + Excerpt.quoted(version.asString()) + " is not known; this worker knows 1.x");
        }
    }

    private static boolean isKnown(JsonNode version) {
        if (version.isString()) {
            return KNOWN.matcher(version.stringValue()).matches();
        }
        BigDecimal number = version.decimalValue();
        return number.compareTo(BigDecimal.ONE) >= 0 && number.compareTo(TWO) < 0;
    }
}
