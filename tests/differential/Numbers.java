// Records how Java prints and reads numbers: rewrites the answers in tests/numbers/*.jsonl.
//     java tests/differential/Numbers.java tests/numbers/*.jsonl
// A line is {"ask":"kind text","answer":"…"}; the kinds are in the switch below. The texts need no JSON escapes but \\u.

import java.io.*;
import java.math.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;

public class Numbers {
    public static void main(String[] files) throws IOException {
        for (String file : files) {
            List<String> lines = new ArrayList<>();
            for (String line : Files.readAllLines(Path.of(file))) {
                if (line.isBlank()) continue;
                int start = line.indexOf(":\"") + 2;
                String ask = line.substring(start, line.indexOf('"', start));
                lines.add("{\"ask\":\"" + ask + "\",\"answer\":\"" + answer(unescape(ask)) + "\"}");
            }
            Files.write(Path.of(file), lines);
        }
    }

    static String unescape(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            if (text.startsWith("\\u", i)) {
                out.append((char) Integer.parseInt(text.substring(i + 2, i + 6), 16));
                i += 5;
            } else {
                out.append(text.charAt(i));
            }
        }
        return out.toString();
    }

    static String answer(String ask) {
        String kind = ask.substring(0, ask.indexOf(' '));
        String text = ask.substring(ask.indexOf(' ') + 1);
        try {
            switch (kind) {
                case "double": return Double.toString(Double.longBitsToDouble(Long.parseUnsignedLong(text, 16)));
                case "float": return Float.toString(Float.intBitsToFloat(Integer.parseUnsignedInt(text, 16)));
                case "decimal": return decimal(new BigDecimal(text));
                case "read-double": return Long.toHexString(Double.doubleToLongBits(Double.parseDouble(text)));
                case "read-float": return Integer.toHexString(Float.floatToIntBits(Float.parseFloat(text)));
                case "read-big": return new BigInteger(text).toString();
                case "read-int": return "" + Integer.parseInt(rest(text), radix(text));
                case "read-long": return "" + Long.parseLong(rest(text), radix(text));
                default: throw new IllegalArgumentException(kind);
            }
        } catch (NumberFormatException e) {
            return "NumberFormatException";
        }
    }

    static String decimal(BigDecimal v) {
        String plain = Math.abs((long) v.scale()) > 200 ? "-" : v.toPlainString();
        return v + " " + v.toEngineeringString() + " " + plain;
    }

    static int radix(String text) {
        return Integer.parseInt(text.substring(0, text.indexOf(' ')));
    }

    static String rest(String text) {
        return text.substring(text.indexOf(' ') + 1);
    }
}
