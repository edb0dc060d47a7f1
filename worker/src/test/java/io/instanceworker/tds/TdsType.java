package io.instanceworker.tds;

import java.time.LocalDate;

/** The data types that the fake knows, by their numbers in the protocol. [MS-TDS] 2.2.5.4 */
final class TdsType {

    static final int INTN = 0x26;
    static final int DATETIMEOFFSETN = 0x2B;
    static final int BITN = 0x68;
    static final int DATETIMN = 0x6F;
    static final int VARBINARY = 0xA5;
    static final int NVARCHAR = 0xE7;
    static final int NCHAR = 0xEF;

    static final LocalDate FIRST_DAY = LocalDate.of(1, 1, 1);
    static final LocalDate FIRST_DAY_OF_DATETIME = LocalDate.of(1900, 1, 1);
    static final int DATE_BYTES = 3;
    static final int OFFSET_BYTES = 2;

    /** A time is counted in units of 100 ns where it has all its digits. */
    static final int MOST_DIGITS = 7;

    static final int TIME_BYTES = 5;

    private TdsType() {}
}
