package io.instanceworker.tds;

import java.nio.charset.StandardCharsets;

/** What a client logs in with. [MS-TDS] 2.2.6.4 */
record LoginRequest(String user, String password, String application, String database) {

    private static final int USER = 40;
    private static final int PASSWORD = 44;
    private static final int APPLICATION = 48;
    private static final int DATABASE = 68;
    private static final int PASSWORD_MASK = 0xA5;
    private static final int NIBBLE = 4;

    static LoginRequest read(byte[] message) {
        TdsInput in = new TdsInput(message);
        byte[] password = field(in, PASSWORD);
        for (int i = 0; i < password.length; i++) {
            int masked = (password[i] ^ PASSWORD_MASK) & 0xFF;
            password[i] = (byte) (masked >>> NIBBLE | masked << NIBBLE);
        }
        return new LoginRequest(
                text(field(in, USER)), text(password), text(field(in, APPLICATION)), text(field(in, DATABASE)));
    }

    /** @param entry where the field's offset and its length in characters are */
    private static byte[] field(TdsInput in, int entry) {
        in.goTo(entry);
        int offset = in.uint16();
        int length = in.uint16();
        in.goTo(offset);
        return in.raw(2 * length);
    }

    private static String text(byte[] utf16) {
        return new String(utf16, StandardCharsets.UTF_16LE);
    }
}
