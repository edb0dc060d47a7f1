package io.instanceworker.tds;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes the tokens of an answer. [MS-TDS] 2.2.7 */
final class TdsOutput {

    private static final int ENVCHANGE = 0xE3;
    private static final int ENVCHANGE_DATABASE = 1;
    private static final int ENVCHANGE_PACKET_SIZE = 4;
    private static final int ENVCHANGE_COLLATION = 7;
    private static final int LOGINACK = 0xAD;
    private static final int ERROR = 0xAA;
    private static final int COLMETADATA = 0x81;
    private static final int ROW = 0xD1;
    private static final int RETURNSTATUS = 0x79;
    private static final int RETURNVALUE = 0xAC;
    private static final int DONE = 0xFD;
    private static final int DONEPROC = 0xFE;
    private static final int DONEINPROC = 0xFF;

    private static final int MORE = 0x01;
    private static final int DONE_ERROR = 0x02;
    private static final int COUNT = 0x10;
    private static final int ATTENTION = 0x20;

    /** What was done, of which drivers only want to know whether it has an update count. */
    private static final int SELECT = 0xC1;

    private static final int UPDATE = 0xC5;

    /** Of the interface, Transact-SQL, and of the protocol, 7.4. */
    private static final int[] TSQL_OF_TDS_7_4 = {1, 0x74, 0, 0, 4};

    private static final byte[] SQL_LATIN1_GENERAL_CP1_CI_AS = {0x09, 0x04, (byte) 0xD0, 0, 0x34};
    private static final int NULLABLE = 0x01;
    private static final int MAX = 0xFFFF;
    private static final long PLP_NULL = -1;
    private static final String SERVER = "fake";

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    byte[] toBytes() {
        return bytes.toByteArray();
    }

    private void uint8(int value) {
        bytes.write(value);
    }

    private void little(long value, int length) {
        for (int i = 0; i < length; i++) {
            bytes.write((int) (value >>> (8 * i)));
        }
    }

    private void text(String value) {
        bytes.writeBytes(value.getBytes(StandardCharsets.UTF_16LE));
    }

    /** A text with the number of its characters in one byte. */
    private void shortText(String value) {
        uint8(value.length());
        text(value);
    }

    /** A token with its length in two bytes. */
    private void token(int token, TdsOutput content) {
        byte[] written = content.toBytes();
        uint8(token);
        little(written.length, 2);
        bytes.writeBytes(written);
    }

    void loginAccepted(Session session, int[] version, int packetSize) {
        changedDatabase("master", session.database());
        TdsOutput collation = new TdsOutput();
        collation.uint8(ENVCHANGE_COLLATION);
        collation.uint8(SQL_LATIN1_GENERAL_CP1_CI_AS.length);
        collation.bytes.writeBytes(SQL_LATIN1_GENERAL_CP1_CI_AS);
        collation.uint8(0);
        token(ENVCHANGE, collation);
        TdsOutput size = new TdsOutput();
        size.uint8(ENVCHANGE_PACKET_SIZE);
        size.shortText(String.valueOf(packetSize));
        size.shortText(String.valueOf(packetSize));
        token(ENVCHANGE, size);
        TdsOutput ack = new TdsOutput();
        for (int part : TSQL_OF_TDS_7_4) {
            ack.uint8(part);
        }
        ack.shortText("Microsoft SQL Server");
        for (int part : version) {
            ack.uint8(part);
        }
        token(LOGINACK, ack);
        done(DONE, 0);
    }

    void changedDatabase(String before, String now) {
        TdsOutput change = new TdsOutput();
        change.uint8(ENVCHANGE_DATABASE);
        change.shortText(now);
        change.shortText(before);
        token(ENVCHANGE, change);
    }

    void error(SqlError error) {
        TdsOutput content = new TdsOutput();
        content.little(error.number(), Integer.BYTES);
        content.uint8(1);
        content.uint8(error.severity());
        content.little(error.text().length(), 2);
        content.text(error.text());
        content.shortText(SERVER);
        content.shortText("");
        content.little(1, Integer.BYTES);
        token(ERROR, content);
    }

    void failed(SqlError error, boolean isCall) {
        error(error);
        cancelled(isCall);
    }

    /** The end of a statement that has not succeeded. */
    void cancelled(boolean isCall) {
        done(isCall ? DONEPROC : DONE, DONE_ERROR);
    }

    /** Confirms that the statement was cancelled. */
    void attentionSeen() {
        done(DONE, ATTENTION);
    }

    /** @param handle of the prepared statement; null if none was prepared */
    void answer(Answer answer, boolean isCall, @Nullable Integer handle) {
        if (isCall) {
            call(answer, handle);
        } else {
            batch(answer);
        }
    }

    private void batch(Answer answer) {
        List<Answer.Part> parts = answer.parts();
        for (int i = 0; i < parts.size(); i++) {
            part(parts.get(i), DONE, i + 1 < parts.size() ? MORE : 0);
        }
        if (parts.isEmpty()) {
            done(DONE, 0);
        }
    }

    private void call(Answer answer, @Nullable Integer handle) {
        answer.parts().forEach(part -> part(part, DONEINPROC, MORE));
        uint8(RETURNSTATUS);
        little(0, Integer.BYTES);
        if (handle != null) {
            returnValue(handle);
        }
        done(DONEPROC, 0);
    }

    private void returnValue(int handle) {
        uint8(RETURNVALUE);
        little(0, 2);
        shortText("@handle");
        uint8(1);
        little(0, Integer.BYTES);
        little(NULLABLE, 2);
        type(Integer.class);
        value(Integer.class, handle);
    }

    private void part(Answer.Part part, int done, int more) {
        if (!part.columns().isEmpty()) {
            uint8(COLMETADATA);
            little(part.columns().size(), 2);
            for (Answer.Column column : part.columns()) {
                little(0, Integer.BYTES);
                little(NULLABLE, 2);
                type(column.type());
                shortText(column.name());
            }
            for (List<@Nullable Object> row : part.rows()) {
                uint8(ROW);
                for (int i = 0; i < part.columns().size(); i++) {
                    value(part.columns().get(i).type(), row.get(i));
                }
            }
        }
        done(done, COUNT | more, part.columns().isEmpty() ? UPDATE : SELECT, part.count());
    }

    private void done(int token, int status) {
        done(token, status, 0, 0);
    }

    private void done(int token, int status, int command, long count) {
        uint8(token);
        little(status, 2);
        little(command, 2);
        little(count, Long.BYTES);
    }

    private void type(Class<?> type) {
        if (type == String.class) {
            uint8(TdsType.NVARCHAR);
            little(MAX, 2);
            bytes.writeBytes(SQL_LATIN1_GENERAL_CP1_CI_AS);
        } else if (type == byte[].class) {
            uint8(TdsType.VARBINARY);
            little(MAX, 2);
        } else if (type == Integer.class) {
            uint8(TdsType.INTN);
            uint8(Integer.BYTES);
        } else if (type == Long.class) {
            uint8(TdsType.INTN);
            uint8(Long.BYTES);
        } else if (type == Boolean.class) {
            uint8(TdsType.BITN);
            uint8(1);
        } else if (type == LocalDateTime.class) {
            uint8(TdsType.DATETIMN);
            uint8(Long.BYTES);
        } else if (type == OffsetDateTime.class) {
            uint8(TdsType.DATETIMEOFFSETN);
            uint8(TdsType.MOST_DIGITS);
        } else {
            throw new IllegalArgumentException("The fake has no column of " + type);
        }
    }

    private void value(Class<?> type, @Nullable Object value) {
        if (type == String.class) {
            chunk(value == null ? null : ((String) value).getBytes(StandardCharsets.UTF_16LE));
        } else if (type == byte[].class) {
            chunk((byte[]) value);
        } else if (value == null) {
            uint8(0);
        } else if (type == Integer.class) {
            uint8(Integer.BYTES);
            little((Integer) value, Integer.BYTES);
        } else if (type == Long.class) {
            uint8(Long.BYTES);
            little((Long) value, Long.BYTES);
        } else if (type == Boolean.class) {
            uint8(1);
            uint8((Boolean) value ? 1 : 0);
        } else if (type == LocalDateTime.class) {
            dateTime((LocalDateTime) value);
        } else {
            dateTimeOffset((OffsetDateTime) value);
        }
    }

    private void chunk(byte @Nullable [] value) {
        if (value == null) {
            little(PLP_NULL, Long.BYTES);
            return;
        }
        little(value.length, Long.BYTES);
        if (value.length > 0) {
            little(value.length, Integer.BYTES);
            bytes.writeBytes(value);
        }
        little(0, Integer.BYTES);
    }

    /** Counted in units of 1/300 s. */
    private void dateTime(LocalDateTime value) {
        uint8(Long.BYTES);
        little(ChronoUnit.DAYS.between(TdsType.FIRST_DAY_OF_DATETIME, value.toLocalDate()), Integer.BYTES);
        little(Math.round(value.toLocalTime().toNanoOfDay() * 3 / 1e7), Integer.BYTES);
    }

    private void dateTimeOffset(OffsetDateTime value) {
        OffsetDateTime utc = value.withOffsetSameInstant(ZoneOffset.UTC);
        uint8(TdsType.TIME_BYTES + TdsType.DATE_BYTES + TdsType.OFFSET_BYTES);
        little(utc.toLocalTime().toNanoOfDay() / 100, TdsType.TIME_BYTES);
        little(ChronoUnit.DAYS.between(TdsType.FIRST_DAY, utc.toLocalDate()), TdsType.DATE_BYTES);
        little(value.getOffset().getTotalSeconds() / 60, TdsType.OFFSET_BYTES);
    }
}
