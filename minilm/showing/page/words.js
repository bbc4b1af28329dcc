"use strict";
// What the page says, in English and in Chinese. A key that one language lacks is said in English.

const WORDS = {
  en: {
    language: "中文", "language-key": "Chinese or English / 中文",
    skip: "To the current line",
    find: "Find a name or an address  ( / )", found: "What was found",
    switches: "How the page looks",
    large: "Large text, for a projector", dark: "Dark or light", plain: "Without colour: sizes instead", keys: "Keys",
    places: "Where we are", map: "The model", calls: "The calls", source: "Source of the current function",
    names: "Arrays of this call so far", controls: "Steps", timeline: "Timeline of the run",
    close: "Close",
    forward: "forward", backward: "backward", update: "update",
    back: "Back", step: "Step", over: "Step over", out: "Step out", "previous-operation": "Previous operation",
    "next-operation": "Next operation", "previous-block": "Previous block", "next-block": "Next block",
    "to-gradient": "To its gradient", "to-forward": "To its forward line",
    play: "Play", pause: "Pause", first: "First step", last: "Last step",
    "search-key": "Find a name or an address", "next-head": "Next head (or row of the first tab)",
    "previous-head": "Previous head", "next-view": "Next view of the array", "next-name": "Next array of this line",
    "cursor": "In an array: move the cell that is read out", "slide": "On the timeline: one step, or fifty",
    "help-key": "This list", "escape": "Close what is open",
    "short-back": "Back", "short-step": "Step", "short-over": "Over", "short-out": "Out",
    "short-next-operation": "Next operation", "short-next-block": "Next block", "short-to-gradient": "To its gradient",
    "short-to-forward": "To its forward line", "short-play": "Play",
    welcome: "{0} executed lines, in order. This one made the array beside it; its name is lit in the formula above.",
    "welcome-more": "goes on; the strip below is the whole run, and ? lists the keys.",
    of: "of", "step-of": "Step {0} of {1}",
    B: "batch row", H: "head", T: "position", S: "position looked at", D: "width", K: "width of the head",
    F: "inner width", V: "vocabulary", L: "layer", N: "row", C: "place kept", unit: "hidden unit", axis: "axis",
    all: "all", layer: "layer",
    heat: "Heat map", sizes: "Sizes", lines: "Lines", table: "Numbers", "views-of": "Views of {0}",
    argument: "given to this function", "made-here": "made by this line", "no-array": "This line makes no array.",
    "nothing-yet": "nothing is made here; step on",
    gradient: "gradient", "its-tensor": "the array it belongs to", "its-gradient": "Its gradient {0} is made in line {1} of {2}",
    "its-gradient-given": "Its gradient {0} is what {2} is given",
    "its-forward": "It belongs to {0}, made in line {1} of {2}", "its-forward-given": "It belongs to {0}, which {2} is given", "no-partner": "No gradient of this name is computed.",
    "its-parameter": "The gradient of the parameter {0}: what the update takes.",
    "its-part": "On the way to the gradient of the parameter {0}: what the update takes is made of it later.",
    "no-forward": "No array of the way forward bears this name: it is an intermediate of the derivative.",
    numbers: "{0} numbers", number: "1 number", between: "least {0}, greatest {1}", mean: "mean {0}", deviation: "standard deviation {0}",
    zeros: "{0} zeros", "no-zeros": "no zeros", finite: "all finite", nonfinite: "{0} NOT FINITE, the first at {1}",
    histogram: "Histogram of {0}: {1} numbers in {2} bins, the fullest from {3} to {4} with {5}",
    corner: "Only a corner is kept: {0} of {1}. {2} keeps more.", "not-kept": "Its numbers are not kept ({0}). {1} keeps them.",
    scale: "colour scale from {0} over 0 to {1}",
    rows: "rows", columns: "columns", "earlier": "Earlier {0}", "later": "Later {0}",
    point: "Point at a cell, or use arrow keys", "why-title": "Why",
    "left-out": "Left out of this page to keep it small: {0} numbers of {1} large arrays. {2} keeps more.",
    "nothing-called": "Nothing here is called “{0}”. Nearest:", "no-step": "There is no step {0}; the last is {1}.",
    "no-more": "No further {0} from here.", "read-on": "Read on",
    text: "text", value: "value", "from": "from", "this-call": "This call", made: "makes",
    empty: "empty array", true: "True", false: "False", "more": "{0} more",
    "position-in": "{0} of {1}", line: "line {0}", "call-of": "in {0}",
  },
  zh: {
    language: "English", "language-key": "中文或英文 / English",
    skip: "跳到当前行",
    find: "按名称或地址查找（/）", found: "查找结果",
    switches: "页面外观",
    large: "大字体（投影用）", dark: "深色或浅色", plain: "不用颜色：以大小表示", keys: "按键",
    places: "当前位置", map: "模型", calls: "调用树", source: "当前函数的源代码",
    names: "此次调用至今的数组", controls: "单步执行", timeline: "整个运行的时间轴",
    close: "关闭",
    forward: "前向", backward: "反向", update: "更新",
    back: "后退一步", step: "单步进入", over: "单步跳过", out: "跳出函数", "previous-operation": "上一个运算",
    "next-operation": "下一个运算", "previous-block": "上一个块", "next-block": "下一个块",
    "to-gradient": "到它的梯度", "to-forward": "到它的前向行",
    play: "播放", pause: "暂停", first: "第一步", last: "最后一步",
    "search-key": "按名称或地址查找", "next-head": "下一个头（第一组标签的下一项）",
    "previous-head": "上一个头", "next-view": "数组的下一种视图", "next-name": "本行的下一个数组",
    "cursor": "在数组中：移动读数的格子", "slide": "在时间轴上：移动一步或五十步",
    "help-key": "显示此列表", "escape": "关闭已打开的内容",
    "short-back": "后退", "short-step": "单步", "short-over": "跳过", "short-out": "跳出",
    "short-next-operation": "下一个运算", "short-next-block": "下一个块", "short-to-gradient": "到它的梯度",
    "short-to-forward": "到它的前向行", "short-play": "播放",
    welcome: "共 {0} 行执行过的代码，按顺序排列。这一行得到了旁边的数组，它的名称在上方公式中以底色标出。",
    "welcome-more": "继续前进；下方的长条是整个运行过程，按 ? 查看所有按键。",
    of: "/", "step-of": "第 {0} 步，共 {1} 步",
    B: "批次行", H: "头", T: "位置", S: "被注意的位置", D: "宽度", K: "头的宽度",
    F: "内层宽度", V: "词汇表", L: "层", N: "行", C: "保留的位置", unit: "隐藏单元", axis: "轴",
    all: "全部", layer: "层",
    heat: "热图", sizes: "大小", lines: "连线", table: "数值", "views-of": "{0} 的视图",
    argument: "传入此函数", "made-here": "由此行得到", "no-array": "此行不产生数组。",
    "nothing-yet": "此处尚无数组，请继续单步",
    gradient: "梯度", "its-tensor": "它所属的数组", "its-gradient": "它的梯度 {0} 在 {2} 的第 {1} 行计算",
    "its-gradient-given": "它的梯度 {0} 传入 {2}",
    "its-forward": "它属于 {0}，在 {2} 的第 {1} 行得到", "its-forward-given": "它属于传入 {2} 的 {0}", "no-partner": "没有计算这个名称的梯度。",
    "its-parameter": "参数 {0} 的梯度：更新时所用。",
    "its-part": "还不是参数 {0} 的完整梯度：更新所用的梯度稍后由它得到。",
    "no-forward": "前向过程中没有同名数组：这是求导过程的中间量。",
    numbers: "{0} 个数", number: "1 个数", between: "最小 {0}，最大 {1}", mean: "均值 {0}", deviation: "标准差 {0}",
    zeros: "零占 {0}", "no-zeros": "没有零", finite: "全部有限", nonfinite: "{0} 个非有限数，第一个在 {1}",
    histogram: "{0} 的直方图：{1} 个数分为 {2} 组，最多的一组从 {3} 到 {4}，有 {5} 个",
    corner: "只保留了一角：{1} 中的 {0}。{2} 可保留更多。", "not-kept": "没有保留数值（{0}）。{1} 可保留。",
    scale: "色标从 {0} 经 0 到 {1}",
    rows: "行", columns: "列", "earlier": "前面的{0}", "later": "后面的{0}",
    point: "指向一个格子，或用方向键移动", "why-title": "为什么",
    "left-out": "为使页面不致过大而省略：{1} 个大数组的 {0} 个数。{2} 可保留更多。",
    "nothing-called": "这里没有叫“{0}”的。最接近的：", "no-step": "没有第 {0} 步；最后一步是 {1}。",
    "no-more": "此后没有{0}了。", "read-on": "继续阅读",
    text: "文本", value: "值", "from": "从", "this-call": "此次调用", made: "得到",
    empty: "空数组", true: "真", false: "假", "more": "另有 {0} 个",
    "position-in": "{1} 的第 {0} 个", line: "第 {0} 行", "call-of": "在 {0} 中",
  },
};

// Chinese for the parts of a model, beside their names in the program.
const PARTS = {
  attention: "注意力", cross_attention: "交叉注意力", feed_forward: "前馈", attention_norm: "归一化",
  cross_attention_norm: "归一化", feed_forward_norm: "归一化", norm: "归一化", source_embedding: "源语言词嵌入",
  target_embedding: "目标语言词嵌入", embedding: "词嵌入", positions: "位置", encoder: "编码器", decoder: "解码器",
  blocks: "块", layers: "层", query: "查询", key: "键", value: "值", output: "输出", first: "第一层", second: "第二层",
  loss: "损失", head: "输出头", pooler: "池化", lstm: "LSTM", final_norm: "归一化", inner: "内层", outer: "外层", update: "更新",
  tokens: "词元", segments: "句段", embedding_norm: "归一化", masked: "掩码预测", transform: "变换", next_sentence: "下一句", sequence_classifier: "句子分类", token_classifier: "词元标注",
  features: "特征", forward: "正向", backward: "逆向", field: "条件随机场", weights: "权重",
};

// Chinese for what the recorder says.
const NOTES = {
  "a buffer that is filled later": "稍后才填充的缓冲区",
  "another tracer (a debugger?) took over: what came after is not recorded": "另一个跟踪程序（调试器？）接管了：此后的内容没有记录",
};

let language = "en";

function noteSaid(note) {
  return language === "zh" ? NOTES[note] ?? note : note;
}

function say(key, ...parts) {
  const text = WORDS[language][key] ?? WORDS.en[key] ?? key;
  return text.replace(/\{(\d)\}/g, (_, place) => parts[place]);
}
