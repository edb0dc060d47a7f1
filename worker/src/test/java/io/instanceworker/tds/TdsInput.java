package io.instanceworker.tds;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** Reads the values of a client's message. Numbers are little-endian. */
final class TdsInput {

    private static final int NULL_LENGTH = 0xFFFF;
    private static final long PLP_NULL = -1;
    private static final int COLLATION_BYTES = 5;
    private static final long NANOS_PER_TICK = 100;

    private final ByteBuffer bytes;

    TdsInput(byte[] message) {
        bytes = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    }

    boolean hasMore() {
        return bytes.hasRemaining();
    }

    int at() {
        return bytes.position();
    }

    void goTo(int position) {
        bytes.position(position);
    }

    int uint8() {
        return Byte.toUnsignedInt(bytes.get());
    }

    int uint16() {
        return Short.toUnsignedInt(bytes.getShort());
    }

    int int32() {
        return bytes.getInt();
    }

    byte[] raw(int length) {
        byte[] read = new byte[length];
        bytes.get(read);
        return read;
    }

    String text(int bytesLong) {
        return new String(raw(bytesLong), StandardCharsets.UTF_16LE);
    }

    String rest() {
        return text(bytes.remaining());
    }

    /** The headers before a batch and a call, of which the fake needs none. */
    void skipAllHeaders() {
        int start = at();
        goTo(start + int32());
    }

    /** The TYPE_INFO of a parameter and its value. */
    @Nullable Object typedValue() {
        int type = uint8();
        return switch (type) {
            case TdsType.INTN -> integer();
            case TdsType.BITN -> bit();
            case TdsType.NVARCHAR, TdsType.NCHAR -> characters();
            case TdsType.VARBINARY -> variable(false);
            case TdsType.DATETIMEOFFSETN -> dateTimeOffset();
            default ->
                throw new IllegalStateException(
                        "The fake reads no parameter of the type 0x" + Integer.toHexString(type));
        };
    }

    private @Nullable Object bit() {
        uint8();
        if (uint8() == 0) {
            return null;
        }
        return uint8() != 0;
    }

    private @Nullable Object characters() {
        byte[] value = variable(true);
        return value == null ? null : new String(value, StandardCharsets.UTF_16LE);
    }

    private @Nullable Object integer() {
        uint8();
        int length = uint8();
        if (length == 0) {
            return null;
        }
        long value = little(length);
        if (length == Long.BYTES) {
            return value;
        }
        // A tinyint has no sign.
        return length == Short.BYTES ? (int) (short) value : (int) value;
    }

    private byte @Nullable [] variable(boolean collated) {
        int most = uint16();
        if (collated) {
            raw(COLLATION_BYTES);
        }
        if (most == NULL_LENGTH) {
            return chunks();
        }
        int length = uint16();
        return length == NULL_LENGTH ? null : raw(length);
    }

    /** A value of a type with (max) comes in chunks, of which the last is empty. */
    private byte @Nullable [] chunks() {
        if (bytes.getLong() == PLP_NULL) {
            return null;
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int length = int32(); length > 0; length = int32()) {
            all.writeBytes(raw(length));
        }
        return all.toByteArray();
    }

    private @Nullable OffsetDateTime dateTimeOffset() {
        int scale = uint8();
        int length = uint8();
        if (length == 0) {
            return null;
        }
        long ticks = little(length - TdsType.DATE_BYTES - TdsType.OFFSET_BYTES);
        for (int digits = scale; digits < TdsType.MOST_DIGITS; digits++) {
            ticks *= 10;
        }
        LocalDate day = TdsType.FIRST_DAY.plusDays(little(TdsType.DATE_BYTES));
        ZoneOffset offset = ZoneOffset.ofTotalSeconds(bytes.getShort() * 60);
        Instant instant =
                day.atTime(LocalTime.ofNanoOfDay(ticks * NANOS_PER_TICK)).toInstant(ZoneOffset.UTC);
        return instant.atOffset(offset);
    }

    private long little(int length) {
        long value = 0;
        for (int i = 0; i < length; i++) {
            value |= (long) uint8() << (8 * i);
        }
        return value;
    }
}
