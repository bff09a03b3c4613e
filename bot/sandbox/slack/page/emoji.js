// Shortcodes people and bots commonly use. Others stay as they were written; emoji written as such pass through.

const TABLE = `
white_check_mark ✅|heavy_check_mark ✔️|ballot_box_with_check ☑️|x ❌|negative_squared_cross_mark ❎|no_entry ⛔|no_entry_sign 🚫
octagonal_sign 🛑|stop_sign 🛑|warning ⚠️|rotating_light 🚨|construction 🚧|hourglass ⌛|hourglass_flowing_sand ⏳|stopwatch ⏱️
alarm_clock ⏰|clock1 🕐|clock3 🕒|clock9 🕘|calendar 📆|date 📅|spiral_calendar_pad 🗓️|rocket 🚀|ship 🚢|boat ⛵|anchor ⚓|package 📦
gear ⚙️|wrench 🔧|hammer 🔨|hammer_and_wrench 🛠️|tools 🛠️|nut_and_bolt 🔩|lock 🔒|unlock 🔓|key 🔑|closed_lock_with_key 🔐|shield 🛡️
snowflake ❄️|fire 🔥|boom 💥|bug 🐛|beetle 🪲|ambulance 🚑|fire_engine 🚒|adhesive_bandage 🩹|pill 💊|bulb 💡|mag 🔍|mag_right 🔎
eyes 👀|eye 👁️|speech_balloon 💬|thought_balloon 💭|memo 📝|pencil 📝|pencil2 ✏️|clipboard 📋|page_facing_up 📄|scroll 📜|books 📚
book 📖|bookmark 🔖|link 🔗|paperclip 📎|pushpin 📌|round_pushpin 📍|file_folder 📁|open_file_folder 📂|wastebasket 🗑️|chart_with_upwards_trend 📈
chart_with_downwards_trend 📉|bar_chart 📊|bell 🔔|no_bell 🔕|mega 📣|loudspeaker 📢|email 📧|envelope ✉️|inbox_tray 📥|outbox_tray 📤
thumbsup 👍|+1 👍|thumbsdown 👎|-1 👎|ok_hand 👌|wave 👋|raised_hands 🙌|clap 👏|pray 🙏|muscle 💪|point_right 👉|point_left 👈|point_up ☝️
point_down 👇|raised_hand ✋|hand ✋|handshake 🤝|writing_hand ✍️|tada 🎉|confetti_ball 🎊|sparkles ✨|star ⭐|star2 🌟|zap ⚡|heart ❤️
green_heart 💚|blue_heart 💙|broken_heart 💔|100 💯|trophy 🏆|medal 🏅|checkered_flag 🏁|triangular_flag_on_post 🚩|white_flag 🏳️
large_green_circle 🟢|green_circle 🟢|large_yellow_circle 🟡|large_orange_circle 🟠|red_circle 🔴|large_blue_circle 🔵|large_purple_circle 🟣
white_circle ⚪|black_circle ⚫|large_green_square 🟩|large_red_square 🟥|large_yellow_square 🟨|white_large_square ⬜|black_large_square ⬛
white_medium_square ◻️|white_medium_small_square ◽|black_small_square ▪️|white_small_square ▫️|small_blue_diamond 🔹|small_orange_diamond 🔸
arrow_right ➡️|arrow_left ⬅️|arrow_up ⬆️|arrow_down ⬇️|arrows_counterclockwise 🔄|arrows_clockwise 🔃|repeat 🔁|rewind ⏪|fast_forward ⏩
leftwards_arrow_with_hook ↩️|arrow_right_hook ↪️|arrow_forward ▶️|double_vertical_bar ⏸️|black_square_for_stop ⏹️|information_source ℹ️
question ❓|grey_question ❔|exclamation ❗|grey_exclamation ❕|bangbang ‼️|heavy_plus_sign ➕|heavy_minus_sign ➖|heavy_multiplication_x ✖️
zero 0️⃣|one 1️⃣|two 2️⃣|three 3️⃣|four 4️⃣|five 5️⃣|six 6️⃣|seven 7️⃣|eight 8️⃣|nine 9️⃣|keycap_ten 🔟|new 🆕|up 🆙|sos 🆘|recycle ♻️
globe_with_meridians 🌐|earth_africa 🌍|computer 💻|desktop_computer 🖥️|keyboard ⌨️|floppy_disk 💾|satellite_antenna 📡|electric_plug 🔌
battery 🔋|robot_face 🤖|ghost 👻|alien 👽|bust_in_silhouette 👤|busts_in_silhouette 👥|office 🏢|house 🏠|factory 🏭|bank 🏦
smile 😄|smiley 😃|grinning 😀|grin 😁|joy 😂|slightly_smiling_face 🙂|wink 😉|thinking_face 🤔|sweat_smile 😅|sob 😭|cry 😢|scream 😱
sunglasses 😎|neutral_face 😐|disappointed 😞|face_with_monocle 🧐|partying_face 🥳|nerd_face 🤓|sleeping 😴|coffee ☕|beers 🍻|cake 🍰
seedling 🌱|evergreen_tree 🌲|sunny ☀️|cloud ☁️|umbrella ☔|rainbow 🌈|moon 🌔|turtle 🐢|snail 🐌|whale 🐳|label 🏷️|ticket 🎫|receipt 🧾
ice_cube 🧊|bricks 🧱|ladder 🪜|compass 🧭|world_map 🗺️|microscope 🔬|test_tube 🧪|abacus 🧮|scales ⚖️|balance_scale ⚖️|parachute 🪂
`;

const EMOJI = new Map(
  TABLE.trim().split(/\n|\|/).map((entry) => {
    const cut = entry.lastIndexOf(" ");
    return [entry.slice(0, cut), entry.slice(cut + 1)];
  }),
);

/** Names that contain these letters, those that begin with them first; at most forty. */
export function emojiNames(typed) {
  const wanted = typed.toLowerCase().replace(/^:|:$/g, "").replaceAll(" ", "_");
  const found = [...EMOJI.keys()].filter((name) => name.includes(wanted));
  return found.sort((a, b) => Number(b.startsWith(wanted)) - Number(a.startsWith(wanted))).slice(0, 40);
}

/** The character for a shortcode without its colons, or null. */
export const emoji = (code) => EMOJI.get(code.replace(/::skin-tone-\d$/, "")) ?? null;

/** Text with its known shortcodes replaced. */
export const withEmoji = (text) => text.replace(/:([\w+-]+):/g, (whole, code) => emoji(code) ?? whole);
