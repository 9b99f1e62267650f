// The Java original that `src/pattern` is compared with: JSON lines on stdin, JSON lines on stdout, in the same order.
//   {"op":"regex","pattern":P,"text":T}            {"out":bool}            the whole text
//   {"op":"find","pattern":P,"text":T}             {"out":[[[start,end]|null, …], …]}   every match, its groups in UTF-16 units
//   {"op":"replaceAll"|"replaceFirst","pattern":P,"text":T,"replacement":R}   {"out":S}
//   {"op":"split","pattern":P,"text":T,"limit":N}  {"out":[S, …]}
// or {"error":"PatternSyntax","message":S,"index":N}, {"error":"Replacement","message":S}, {"error":"StackOverflow"|"Timeout"}.
// Run it as it stands: java tests/differential/Regex.java (Java 17).

import java.io.*;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.concurrent.*;
import java.util.regex.*;

public class Regex {
    static final ExecutorService POOL = Executors.newCachedThreadPool(r -> {
        Thread t = new Thread(null, r, "regex", 64L << 20);
        t.setDaemon(true);
        return t;
    });

    static String answer(Map<String, Object> request) throws Exception {
        final Pattern pattern;
        try {
            pattern = Pattern.compile((String) request.get("pattern"));
        } catch (PatternSyntaxException e) {
            return "{\"error\":\"PatternSyntax\",\"message\":" + quote(e.getDescription()) + ",\"index\":" + e.getIndex() + "}";
        } catch (RuntimeException e) {
            return "{\"error\":\"PatternSyntax\",\"message\":" + quote(e.toString()) + ",\"index\":-2}";
        } catch (StackOverflowError e) {
            return "{\"error\":\"StackOverflow\"}";
        }
        Future<String> result = POOL.submit(() -> {
            try {
                return run(pattern, request);
            } catch (StackOverflowError e) {
                return "{\"error\":\"StackOverflow\"}";
            } catch (RuntimeException e) {
                return "{\"error\":\"Replacement\",\"message\":" + quote(e.getMessage()) + "}";
            }
        });
        try {
            return result.get(5, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            return "{\"error\":\"Timeout\"}";
        }
    }

    static String run(Pattern pattern, Map<String, Object> request) {
        String text = (String) request.get("text");
        switch ((String) request.getOrDefault("op", "regex")) {
            case "find":
                StringBuilder all = new StringBuilder("[");
                Matcher m = pattern.matcher(text);
                while (m.find()) {
                    all.append(all.length() > 1 ? "," : "").append("[");
                    for (int g = 0; g <= m.groupCount(); g++) {
                        all.append(g > 0 ? "," : "");
                        all.append(m.start(g) < 0 ? "null" : "[" + m.start(g) + "," + m.end(g) + "]");
                    }
                    all.append("]");
                }
                return "{\"out\":" + all.append("]}");
            case "replaceAll":
                return "{\"out\":" + quote(pattern.matcher(text).replaceAll((String) request.get("replacement"))) + "}";
            case "replaceFirst":
                return "{\"out\":" + quote(pattern.matcher(text).replaceFirst((String) request.get("replacement"))) + "}";
            case "split":
                StringBuilder parts = new StringBuilder("[");
                for (String part : pattern.split(text, ((Number) request.getOrDefault("limit", 0)).intValue())) {
                    parts.append(parts.length() > 1 ? "," : "").append(quote(part));
                }
                return "{\"out\":" + parts.append("]}");
            default:
                return "{\"out\":" + pattern.matcher(text).matches() + "}";
        }
    }

    // ---- just enough JSON: one flat object of strings and integers
    static Map<String, Object> parse(String line) {
        Map<String, Object> object = new HashMap<>();
        int[] at = {line.indexOf('{') + 1};
        while (true) {
            skip(line, at, " ,");
            if (line.charAt(at[0]) == '}') return object;
            String key = string(line, at);
            skip(line, at, " :");
            if (line.charAt(at[0]) == '"') {
                object.put(key, string(line, at));
            } else {
                int start = at[0];
                while (",} ".indexOf(line.charAt(at[0])) < 0) at[0]++;
                object.put(key, Integer.valueOf(line.substring(start, at[0])));
            }
        }
    }

    static void skip(String line, int[] at, String chars) {
        while (chars.indexOf(line.charAt(at[0])) >= 0) at[0]++;
    }

    static String string(String line, int[] at) {
        StringBuilder out = new StringBuilder();
        for (at[0]++; line.charAt(at[0]) != '"'; at[0]++) {
            char c = line.charAt(at[0]);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            c = line.charAt(++at[0]);
            if (c == 'u') {
                out.append((char) Integer.parseInt(line.substring(at[0] + 1, at[0] + 5), 16));
                at[0] += 4;
            } else {
                int known = "bfnrt".indexOf(c);
                out.append(known < 0 ? c : "\b\f\n\r\t".charAt(known));
            }
        }
        at[0]++;
        return out.toString();
    }

    static String quote(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : String.valueOf(text).toCharArray()) {
            if (c == '"' || c == '\\') out.append('\\').append(c);
            else if (c < 32 || c > 126) out.append(String.format("\\u%04x", (int) c));
            else out.append(c);
        }
        return out.append('"').toString();
    }

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, "US-ASCII");
        for (String line; (line = in.readLine()) != null; ) {
            if (line.isBlank()) continue;
            out.print(answer(parse(line)) + "\n");
            if (!in.ready()) out.flush();
        }
        out.flush();
        System.exit(0);
    }
}
