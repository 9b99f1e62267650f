// Writes src/pattern/unicode/*.txt: the character properties as Java 17 (Unicode 13) has them.
//   java --add-opens java.base/java.lang=ALL-UNNAMED --add-opens java.base/java.util.regex=ALL-UNNAMED \
//       tests/differential/UnicodeTables.java src/pattern/unicode
// A line is `NAME[,ALIAS…]:RANGES`; a range is `GAP` or `GAP+MORE` in hexadecimal, counted from the end of the one before.

import java.lang.reflect.*;
import java.nio.file.*;
import java.util.*;
import java.util.function.IntPredicate;

public class UnicodeTables {
    static final int END = 0x110000;

    static String ranges(IntPredicate in) {
        StringBuilder out = new StringBuilder();
        int last = 0;
        for (int c = 0; c < END; c++) {
            if (!in.test(c)) continue;
            int start = c;
            while (c + 1 < END && in.test(c + 1)) c++;
            out.append(out.length() > 0 ? " " : "").append(Integer.toHexString(start - last));
            if (c > start) out.append('+').append(Integer.toHexString(c - start));
            last = c + 1;
        }
        return out.toString();
    }

    static void write(Path dir, String name, List<String> lines) throws Exception {
        Files.write(dir.resolve(name), (String.join("\n", lines) + "\n").getBytes("US-ASCII"));
    }

    @SuppressWarnings("unchecked")
    static <T> T field(Class<?> of, String name) throws Exception {
        Field field = of.getDeclaredField(name);
        field.setAccessible(true);
        return (T) field.get(null);
    }

    public static void main(String[] args) throws Exception {
        Path dir = Path.of(args[0]);
        String[] codes = {"Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Me", "Mc", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc",
            "Cf", "", "Co", "Cs", "Pd", "Ps", "Pe", "Pc", "Po", "Sm", "Sc", "Sk", "So", "Pi", "Pf"};
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < codes.length; i++) {
            int type = i;
            if (!codes[i].isEmpty()) lines.add(codes[i] + ":" + ranges(c -> Character.getType(c) == type));
        }
        write(dir, "categories.txt", lines);

        Map<String, Character.UnicodeScript> aliases = field(Character.UnicodeScript.class, "aliases");
        lines = new ArrayList<>();
        for (Character.UnicodeScript script : Character.UnicodeScript.values()) {
            String names = script.name();
            for (String alias : new TreeSet<>(aliases.keySet())) if (aliases.get(alias) == script) names += "," + alias;
            lines.add(names + ":" + ranges(c -> Character.UnicodeScript.of(c) == script));
        }
        write(dir, "scripts.txt", lines);

        Map<String, Character.UnicodeBlock> blocks = field(Character.UnicodeBlock.class, "map");
        Map<Character.UnicodeBlock, String> names = new LinkedHashMap<>();
        for (String name : new TreeSet<>(blocks.keySet())) names.merge(blocks.get(name), name, (a, b) -> a + "," + b);
        lines = new ArrayList<>();
        for (Map.Entry<Character.UnicodeBlock, String> e : names.entrySet()) {
            lines.add(e.getValue() + ":" + ranges(c -> Character.UnicodeBlock.of(c) == e.getKey()));
        }
        write(dir, "blocks.txt", lines);

        lines = new ArrayList<>();
        lines.add("Alphabetic:" + ranges(Character::isAlphabetic));
        lines.add("Lowercase:" + ranges(Character::isLowerCase));
        lines.add("Uppercase:" + ranges(Character::isUpperCase));
        lines.add("Ideographic:" + ranges(Character::isIdeographic));
        lines.add("Mirrored:" + ranges(Character::isMirrored));
        lines.add("IdentifierStart:" + ranges(Character::isUnicodeIdentifierStart));
        lines.add("IdentifierPart:" + ranges(Character::isUnicodeIdentifierPart));
        Class<?> grapheme = Class.forName("java.util.regex.Grapheme");
        Method getType = grapheme.getDeclaredMethod("getType", int.class);
        getType.setAccessible(true);
        for (Field f : grapheme.getDeclaredFields()) {
            if (f.getType() != int.class || !Modifier.isStatic(f.getModifiers())) continue;
            f.setAccessible(true);
            int type = f.getInt(null);
            if (f.getName().startsWith("FIRST_") || f.getName().startsWith("LAST_") || List.of("OTHER", "CR", "LF", "LV", "LVT").contains(f.getName())) continue;
            String set = ranges(c -> {
                try {
                    return (int) getType.invoke(null, c) == type;
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException(e);
                }
            });
            if (!set.isEmpty()) lines.add("Grapheme_" + f.getName() + ":" + set);
        }
        write(dir, "properties.txt", lines);

        // START+MORE*STRIDE:TO_UPPER:TO_LOWER, in hexadecimal; the differences are signed.
        lines = new ArrayList<>();
        lines.add("# START+MORE*STRIDE:TO_UPPER:TO_LOWER, in hexadecimal");
        List<int[]> cased = new ArrayList<>();
        for (int c = 0; c < END; c++) {
            int up = Character.toUpperCase(c) - c, low = Character.toLowerCase(c) - c;
            if (up != 0 || low != 0) cased.add(new int[] {c, up, low});
        }
        while (!cased.isEmpty()) {
            int[] first = cased.remove(0);
            int best = 1, bestStride = 1;
            for (int stride = 1; stride <= 2; stride++) {
                int n = 1;
                for (int[] e : cased) {
                    if (e[0] == first[0] + n * stride && e[1] == first[1] && e[2] == first[2]) n++;
                }
                if (n > best) { best = n; bestStride = stride; }
            }
            int count = best, stride = bestStride;
            cased.removeIf(e -> e[1] == first[1] && e[2] == first[2] && (e[0] - first[0]) % stride == 0
                && (e[0] - first[0]) / stride < count);
            lines.add(String.format("%x+%x*%x:%s:%s", first[0], count - 1, stride, Integer.toString(first[1], 16),
                Integer.toString(first[2], 16)));
        }
        write(dir, "cases.txt", lines);

        // Lines of `GAP NAME`; characters that are called by their block and number are left out.
        StringBuilder named = new StringBuilder();
        for (int c = 0, last = 0; c < END; c++) {
            String name = Character.getName(c);
            if (name == null || name.endsWith(" " + Integer.toHexString(c).toUpperCase())) continue;
            named.append(Integer.toHexString(c - last)).append(' ').append(name).append('\n');
            last = c;
        }
        try (var out = new java.util.zip.GZIPOutputStream(Files.newOutputStream(dir.resolve("names.txt.gz"))) {{
            def.setLevel(9);
        }}) {
            out.write(named.toString().getBytes("US-ASCII"));
        }
    }
}
